/**
 * The shell of an actor: takes what comes, one thing after another; decides, records, folds; then lets the lanes do what
 * is pending. It knows nothing of chats, and of Temporal only what `Ports` asks for, so tests drive this very code
 * through crashes without a server.
 *
 * Guarantees, and who relies on them:
 * 1. Nothing is believed before it is recorded: the state moves only by what Postgres committed (everybody).
 * 2. Before an input, every deadline up to its time has fired (the core).
 * 3. Inbox rows are taken in their places; a command not before the place that its sender had seen (customers, agents).
 * 4. An earlier try that got further wins: the stored row is adopted and the rest decided anew (crash safety).
 * 5. A throw of the core parks that one input, visibly; later inputs go on (R10).
 */
import { createAgenda } from './agenda.ts';
import type { Decider, Rejected, Work } from './decider.ts';
import { createDue } from './due.ts';
import { createJournal } from './journal.ts';
import { createLanes } from './lanes.ts';
import { createMailbox, type Mailbox, type Placed } from './mailbox.ts';
import { preview } from './preview.ts';
import type { RecordAnswer, Recording, StoredActor } from './record.ts';
import { createSettle } from './settle.ts';
import type { Addressed, Answers } from './take/letter.ts';
import { takeNext } from './take/next.ts';
import { createTime } from './time.ts';

export interface Ports<S, E, W> {
  /** Epoch ms; in a workflow, the time of the task. */
  now(): number;
  record(recording: Recording<S, E>): Promise<RecordAnswer<S>>;
  /** `question` is the core's (`needsContext`). */
  readContext(question: unknown): Promise<unknown>;
  /** Everything above `seq` is to be handed over again. */
  askAgain(seq: number): Promise<void>;
  /** One attempt of pending work. Never rejects. */
  perform(work: W): Promise<unknown>;
}

export interface ActorOptions<S, I, E extends { type: string; at: number }, W extends Work, C, O> {
  decider: Decider<S, I, E, W>;
  ports: Ports<S, E, W>;
  answers: Answers<S, E, O>;
  /** A decision with such an event takes a place of an agent: it is recorded alone. */
  claims(event: E): boolean;
  mayLeaveBehind(lane: string): boolean;
  asInput(command: C): I;
}

export interface Actor<S, R, C, O> {
  readonly state: S;
  readonly stored: Readonly<StoredActor<S>>;
  readonly isLoaded: boolean;
  load(row: StoredActor<S>, context: unknown): void;
  deliver(rows: R[]): void;
  command(name: string, command: C): Promise<O>;
  signal(name: string, command: C): void;
  /** A rejection that is already certain, or null: let it through, and the record lane decides. */
  preview(command: C): Rejected | null;
  /** Something can be taken now. */
  hasWork(): boolean;
  /** Takes one thing (a batch, a command, a result, a deadline). */
  step(): Promise<void>;
  /** When the actor has to look again by itself, epoch ms; null: never. */
  wakeAt(): number | null;
  /** Places of the inbox rows in hand. */
  inHand(): { first: number; last: number } | null;
  /** Nothing in hand, nothing out. */
  isQuiet(): boolean;
  /** Neither a deadline nor anything pending. */
  isOver(): boolean;
  /** Past the cap of a run: nothing more is started, inputs are still recorded. */
  closeLanes(): void;
}

export function createActor<
  S,
  I,
  E extends { type: string; at: number },
  W extends Work,
  R extends Placed & I,
  C extends Addressed,
  O,
>(options: ActorOptions<S, I, E, W, C, O>): Actor<S, R, C, O> {
  const { decider, ports } = options;
  const mailbox: Mailbox<R, C, W, O> = createMailbox();
  const lanes = createLanes<W>({
    perform: ports.perform,
    onDone: (work, outcome) => mailbox.results.push({ work, outcome, cameAt: time.now() }),
    mayLeaveBehind: options.mayLeaveBehind,
  });
  const journal = createJournal(decider, ports, (seq) => mailbox.forget(seq));
  const due = createDue(ports.now);
  const time = createTime(ports.now, () => journal.stored.lastAt);
  const shell = { ...options, mailbox, lanes, journal, due, time, settle: createSettle(decider, journal) };
  const agenda = createAgenda(shell);

  let loaded = false;
  let busy = false;

  const syncLanes = (): void => lanes.sync(decider.pending(journal.state), time.now());
  /** The wait between two attempts is over: a step starts what waited. */
  const laneIsDue = (): boolean => lanes.wakeAt !== null && lanes.wakeAt <= time.now();

  const post = (name: string, command: C, unattended: boolean): Promise<O> =>
    new Promise((answer) => mailbox.letters.push({ name, command, cameAt: time.now(), answer, unattended }));

  return {
    get state() {
      return journal.state;
    },
    get stored() {
      return journal.stored;
    },
    get isLoaded() {
      return loaded;
    },
    load(row, context) {
      journal.load(row, context);
      loaded = true;
      syncLanes();
    },
    deliver: (rows) => mailbox.accept(rows.map((row) => ({ ...row, at: time.sane(row.at) }))),
    command: (name, command) => post(name, command, false),
    signal(name, command) {
      void post(name, command, true);
    },
    preview: (command) => (loaded && !busy ? preview(shell, command) : null),
    hasWork: () => loaded && (agenda.next() !== null || laneIsDue()),
    async step() {
      busy = true;
      const next = agenda.next();
      if (next) await takeNext(shell, next);
      busy = false;
      journal.forgetContext();
      syncLanes();
    },
    wakeAt: () => agenda.wakeAt(),
    inHand: () => mailbox.inHand(),
    isQuiet: () => !busy && mailbox.isEmpty(journal.stored.seq) && lanes.isIdle,
    isOver: () => decider.pending(journal.state).length === 0 && decider.deadlines(journal.state).length === 0,
    closeLanes: () => lanes.close(),
  };
}

/** Takes all that can be taken now. */
export async function drain(actor: { hasWork(): boolean; step(): Promise<void> }): Promise<void> {
  while (actor.hasWork()) await actor.step();
}
