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
import type { Decider, DeadlineOf, Rejected, Work } from './decider.ts';
import { decideSafely } from './draft.ts';
import { createDue } from './due.ts';
import { createJournal } from './journal.ts';
import { createLanes } from './lanes.ts';
import { createMailbox, type Letter, type Mailbox, type Placed, type Result } from './mailbox.ts';
import type { RecordAnswer, Recording, StoredActor } from './record.ts';
import { createSettle } from './settle.ts';
import { takeDeadline } from './take/deadline.ts';
import { takeRows } from './take/inbox-rows.ts';
import { takeLetter, type Addressed, type Answers } from './take/letter.ts';
import { takeResult } from './take/result.ts';

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

/** How long a command waits for the inbox place that its sender had seen. */
const placeWaitMs = 5_000;
const rowsPerRecord = 200;
/** How far the clock of whoever stores or asks may be ahead of ours. */
const clockSkewMs = 5 * 60_000;

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
  const { decider, ports, asInput } = options;
  const mailbox: Mailbox<R, C, W, O> = createMailbox();
  const lanes = createLanes<W>({
    perform: ports.perform,
    onDone: (work, outcome) => mailbox.results.push({ work, outcome }),
    mayLeaveBehind: options.mayLeaveBehind,
  });
  const journal = createJournal(decider, ports, (seq) => mailbox.forget(seq));
  const due = createDue(ports.now);
  const fire = (deadline: DeadlineOf): Promise<void> => takeDeadline(shell, deadline);
  const shell = { ...options, journal, due, settle: createSettle(decider, journal), takeDeadline: fire };

  let loaded = false;
  let busy = false;
  let laneWakeAt: number | null = null;
  const stuckWork = new Set<string>();

  const dueBefore = (at: number): DeadlineOf | null => due.before(decider.deadlines(journal.state), at);

  /** No clock is further ahead: a time from beyond would fire every deadline up to it, and let none after it be true. */
  const sane = (at: number): number => Math.min(at, ports.now() + clockSkewMs);

  /** Not before the last time that was recorded. */
  const timeOf = (at: number | undefined): number => Math.max(sane(at ?? ports.now()), journal.stored.lastAt);

  // ---------------------------------------------------------------------------------------------------------- taking

  /** What happens at `at`, unless a deadline comes before it: then that fires instead, and this is taken after it. */
  const inTurn = (at: number, take: (at: number) => Promise<void>): Promise<void> => {
    const first = dueBefore(at);
    return first ? fire(first) : take(at);
  };

  const letterInTurn = (letter: Letter<C, O>): Promise<void> =>
    inTurn(timeOf(letter.command.at), async (at) => {
      const answered = await takeLetter(shell, letter, at);
      if (answered === null) return;
      mailbox.letters.splice(mailbox.letters.indexOf(letter), 1);
      letter.answer(answered.outcome);
    });

  const resultInTurn = (result: Result<W>): Promise<void> =>
    inTurn(timeOf(ports.now()), async (at) => {
      if (!(await takeResult(shell, result, at))) return;
      mailbox.results.shift();
      lanes.taken(result.work);
      // Its outcome was taken (or parked) and it still stands: done again at once, it would be done for ever.
      if (decider.pending(journal.state).some((one) => one.id === result.work.id)) stuckWork.add(result.work.id);
    });

  // ------------------------------------------------------------------------------------------------------- what next

  const readyLetter = (): Letter<C, O> | null => {
    const letter = mailbox.letters[0];
    if (!letter) return null;
    const placeReached = (letter.command.after ?? 0) <= journal.stored.seq;
    return placeReached || ports.now() >= letter.cameAt + placeWaitMs ? letter : null;
  };

  const hasRows = (): boolean =>
    mailbox.rowsAfter(journal.stored.seq, 1).length > 0 || mailbox.hasGapAfter(journal.stored.seq);

  /** The wait between two attempts is over: a step starts what waited. */
  const laneIsDue = (): boolean => laneWakeAt !== null && laneWakeAt <= ports.now();

  const hasWork = (): boolean =>
    loaded &&
    (mailbox.results.length > 0 ||
      hasRows() ||
      readyLetter() !== null ||
      dueBefore(ports.now()) !== null ||
      laneIsDue());

  const step = async (): Promise<void> => {
    busy = true;
    await takeNext();
    busy = false;
    journal.forgetContext();
    syncLanes();
  };

  const takeNext = async (): Promise<void> => {
    const [result] = mailbox.results;
    if (result) return resultInTurn(result);
    const rows = mailbox.rowsAfter(journal.stored.seq, rowsPerRecord);
    if (rows.length > 0) return takeRows(shell, rows);
    if (mailbox.hasGapAfter(journal.stored.seq)) {
      mailbox.forgetRows();
      return ports.askAgain(journal.stored.seq);
    }
    const letter = readyLetter();
    if (letter) return letterInTurn(letter);
    const first = dueBefore(ports.now());
    if (first) await fire(first);
  };

  const syncLanes = (): void => {
    const pending = decider.pending(journal.state).filter((work) => !stuckWork.has(work.id));
    laneWakeAt = lanes.sync(pending, ports.now());
  };

  const post = (name: string, command: C, unattended: boolean): Promise<O> =>
    new Promise((answer) => mailbox.letters.push({ name, command, cameAt: ports.now(), answer, unattended }));

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
    deliver: (rows) => mailbox.accept(rows.map((row) => ({ ...row, at: sane(row.at) }))),
    command: (name, command) => post(name, command, false),
    signal(name, command) {
      void post(name, command, true);
    },
    preview(command) {
      const certain =
        loaded &&
        !busy &&
        mailbox.isEmpty(journal.stored.seq) &&
        (command.after ?? 0) <= journal.stored.seq &&
        !journal.stored.keys.includes(command.key) &&
        dueBefore(timeOf(command.at)) === null;
      const input = asInput(command);
      if (!certain || decider.needsContext(journal.state, input) !== null) return null;
      const decided = decideSafely(decider, journal.state, input, timeOf(command.at));
      return decided.kind === 'rejected' ? decided.rejection : null;
    },
    hasWork,
    step,
    wakeAt() {
      const now = ports.now();
      const times = due.times(decider.deadlines(journal.state));
      if (laneWakeAt !== null) times.push(laneWakeAt);
      const [letter] = mailbox.letters;
      if (letter) times.push(letter.cameAt + placeWaitMs);
      return times.length === 0 ? null : Math.max(now, Math.min(...times));
    },
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
