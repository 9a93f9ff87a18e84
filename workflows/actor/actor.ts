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
import { applyTo, decideSafely, type Decided, type Draft } from './draft.ts';
import { createDue, nameOf } from './due.ts';
import { createJournal } from './journal.ts';
import { createLanes } from './lanes.ts';
import { createMailbox, type Letter, type Mailbox, type Placed, type Result } from './mailbox.ts';
import { unrecordable, type Cause, type RecordAnswer, type Recording, type StoredActor } from './record.ts';

export interface Ports<S, E, W> {
  /** Epoch ms; in a workflow, the time of the task. */
  now(): number;
  record(recording: Recording<S, E>): Promise<RecordAnswer<S>>;
  readContext(): Promise<unknown>;
  /** Everything above `seq` is to be handed over again. */
  askAgain(seq: number): Promise<void>;
  /** One attempt of pending work. Never rejects. */
  perform(work: W): Promise<unknown>;
}

/** A command as the shell sees it; the core knows more of it. */
export interface Addressed {
  key: string;
  keyDigest?: string;
  at?: number;
  after?: number;
  by: unknown;
}

export interface Answers<S, E, O> {
  accepted(after: S, events: E[], version: number): O;
  rejected(rejection: Rejected): O;
  isRejected(outcome: O): boolean;
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

/** Refusal of a record that was decided with facts (`readContext`) that have changed since. */
const contextChanged = 'context-changed';

/** How long a command waits for the inbox place that its sender had seen. */
const placeWaitMs = 5_000;
const rowsPerRecord = 200;
const refusalsPerInput = 3;

export interface Actor<S, R, C, O> {
  readonly state: S;
  readonly stored: Readonly<StoredActor<S>>;
  readonly isLoaded: boolean;
  load(row: StoredActor<S>, context: unknown): void;
  deliver(from: number, rows: R[]): void;
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
  const { decider, ports, answers } = options;
  const mailbox: Mailbox<R, C, W, O> = createMailbox();
  const lanes = createLanes<W>({
    perform: ports.perform,
    onDone: (work, outcome) => mailbox.results.push({ work, outcome }),
    mayLeaveBehind: options.mayLeaveBehind,
  });

  const journal = createJournal(decider, ports, (seq) => mailbox.forget(seq));
  const due = createDue(ports.now);
  const decide = (from: S, input: I, now: number): Decided<E> => decideSafely(decider, from, input, now);
  const apply = (draft: Draft<S, E>, decided: Decided<E>, cause: Cause, at: number): void =>
    applyTo(decider, draft, decided, cause, at);

  let loaded = false;
  let busy = false;
  let laneWakeAt: number | null = null;
  const stuckWork = new Set<string>();

  const dueBefore = (state: S, at: number, row?: R): DeadlineOf | null => due.before(decider.deadlines(state), at, row);

  // ---------------------------------------------------------------------------------------------------------- taking

  const takeDeadline = async (deadline: DeadlineOf): Promise<void> => {
    const plain = decider.onDeadline(deadline);
    let input = plain;
    for (let tries = 0; tries < refusalsPerInput; tries += 1) {
      const answer = await commitDeadline(deadline, decide(journal.state, input, deadline.at));
      if (answer.kind === 'moved') return;
      if (answer.kind !== 'refused') return passOver(deadline);
      if (answer.code === 'inbox-waiting') {
        due.wait();
        return;
      }
      input = decider.withRefusal(plain, answer.code);
    }
    // No fallback was good enough: people are told, and the deadline does not fire for ever.
    await commitDeadline(deadline, { kind: 'threw', error: 'refused' });
    due.passOver(deadline);
  };

  const commitDeadline = (deadline: DeadlineOf, decision: Decided<E>): Promise<RecordAnswer<S>> => {
    const draft = journal.draft();
    apply(draft, decision, { kind: 'deadline', deadline: deadline.kind }, deadline.at);
    return journal.commit(draft, deadline.silence ? { silentUntil: deadline.at } : {});
  };

  const passOver = (deadline: DeadlineOf): void => {
    if (decider.deadlines(journal.state).some((one) => nameOf(one) === nameOf(deadline))) due.passOver(deadline);
  };

  interface Taking {
    row: R;
    input: I;
    at: number;
  }

  /** One run of rows, up to a deadline that is due first or a decision that makes a claim. */
  const takeRows = async (most = rowsPerRecord): Promise<void> => {
    const draft = journal.draft();
    let last: Taking | null = null;
    for (const row of mailbox.rowsAfter(journal.stored.seq, most)) {
      const at = Math.max(row.at, draft.lastAt);
      const first = dueBefore(draft.state, at, row);
      if (first) {
        if (draft.taken > 0) break;
        return takeDeadline(first);
      }
      // Facts are read for the state as it stands; mid-run the row waits for the next run.
      if (draft.taken > 0 && decider.needsContext(draft.state, row)) break;
      const input = draft.taken > 0 ? row : await journal.withContext(row);
      const decision = decide(draft.state, input, at);
      const claims = decision.kind === 'accepted' && decision.events.some(options.claims);
      if (claims && draft.taken > 0) break;
      apply(draft, decision, { kind: 'inbox', seq: row.seq }, at);
      last = { row, input, at };
      if (claims) break;
    }
    if (last === null) return;
    const answer = await journal.commit(draft);
    due.rowsCame();
    // The facts that it was decided with are no longer so: the rows stay in hand and are decided with new ones.
    if (answer.kind !== 'refused' || answer.code === contextChanged) return;
    if (draft.taken > 1) return takeRows(1);
    await takeRefused(last, answer.code);
  };

  /** A row's fallback may be refused in its turn (the agent's limit, then the group is gone), but not for ever. */
  const takeRefused = async ({ row, input, at }: Taking, first: string): Promise<void> => {
    let code = first;
    for (let tries = 0; tries < refusalsPerInput; tries += 1) {
      const draft = journal.draft();
      apply(draft, decide(journal.state, decider.withRefusal(input, code), at), { kind: 'inbox', seq: row.seq }, at);
      const answer = await journal.commit(draft);
      if (answer.kind !== 'refused') return;
      code = answer.code;
    }
    // For no inbox row may the core have no answer to a refusal; if it has none, the row is parked and not lost.
    await park(row, code);
  };

  const park = async (row: R, code: string): Promise<void> => {
    const draft = journal.draft();
    apply(draft, { kind: 'threw', error: code }, { kind: 'inbox', seq: row.seq }, row.at);
    await journal.commit(draft);
  };

  /** What no clock says is no time: whoever signals by hand may send anything. */
  const timeOf = ({ at }: C): number => Math.max(Number.isFinite(at) ? Number(at) : ports.now(), journal.stored.lastAt);

  const takeLetter = async (letter: Letter<C, O>): Promise<void> => {
    const at = timeOf(letter.command);
    const first = dueBefore(journal.state, at);
    if (first) return takeDeadline(first);
    const index = mailbox.letters.indexOf(letter);
    mailbox.letters.splice(index, 1);
    letter.answer(await decideLetter(letter, at));
  };

  const decideLetter = async (letter: Letter<C, O>, at: number): Promise<O> => {
    const { key, keyDigest, by } = letter.command;
    let refused: string | null = null;
    for (;;) {
      const plain = await journal.withContext(options.asInput(letter.command));
      const input = refused === null ? plain : decider.withRefusal(plain, refused);
      const draft = journal.draft();
      const decision: Decided<E> =
        refused === unrecordable
          ? { kind: 'threw', error: unrecordable }
          : decide(journal.state, input, Math.max(at, journal.stored.lastAt));
      apply(draft, decision, { kind: 'command', name: letter.name, key, by }, at);
      const outcome = outcomeOf(decision, draft);
      // Somebody waits for a rejection, so it needs no record of ours; unless the key has an answer already.
      if (decision.kind === 'rejected' && !letter.unattended && !journal.stored.keys.includes(key)) return outcome;
      const answer = await journal.commit(draft, { command: { key, digest: keyDigest ?? null, outcome } });
      if (answer.kind === 'recorded') return outcomeOf(decision, draft);
      if (answer.kind === 'repeated') return answer.outcome as O;
      if (answer.kind === 'refused' && answer.code !== contextChanged) {
        // A core that has no other answer to a refusal than what was refused: the refusal is the answer.
        if (refused === answer.code)
          return answers.rejected({ code: refused, reason: 'Refused by the record.', allowed: [] });
        refused = answer.code;
      }
    }
  };

  const outcomeOf = (decision: Decided<E>, draft: Draft<S, E>): O => {
    if (decision.kind === 'rejected') return answers.rejected(decision.rejection);
    if (decision.kind === 'threw') {
      return answers.rejected({
        code: 'parked',
        reason: 'The command could not be decided; people were told.',
        allowed: [],
      });
    }
    return answers.accepted(
      draft.state,
      draft.events.map((caused) => caused.event),
      journal.stored.version,
    );
  };

  const takeResult = async ({ work, outcome }: Result<W>): Promise<void> => {
    const at = Math.max(ports.now(), journal.stored.lastAt);
    const first = dueBefore(journal.state, at);
    if (first) return takeDeadline(first);
    mailbox.results.shift();
    await decideResult(work, outcome, at);
    lanes.taken(work);
    // Its outcome was taken (or parked) and it still stands: done again at once, it would be done for ever.
    if (decider.pending(journal.state).some((one) => one.id === work.id)) stuckWork.add(work.id);
  };

  const decideResult = async (work: W, outcome: unknown, at: number): Promise<void> => {
    let input = decider.onDone(work, outcome);
    let refused: string | null = null;
    for (;;) {
      const decision = decide(journal.state, await journal.withContext(input), Math.max(at, journal.stored.lastAt));
      if (decision.kind === 'ignored') return;
      const draft = journal.draft();
      const cause: Cause = { kind: 'work', id: work.id };
      apply(draft, refused === 'twice' ? { kind: 'threw', error: 'refused' } : decision, cause, at);
      const answer = await journal.commit(draft);
      if (answer.kind === 'recorded') return;
      if (answer.kind === 'refused') {
        refused = refused === answer.code ? 'twice' : answer.code;
        input = decider.withRefusal(input, answer.code);
      }
    }
  };

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
      dueBefore(journal.state, ports.now()) !== null ||
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
    const letter = readyLetter();
    const first = dueBefore(journal.state, ports.now());
    if (result) await takeResult(result);
    else if (mailbox.rowsAfter(journal.stored.seq, 1).length > 0) await takeRows();
    else if (mailbox.hasGapAfter(journal.stored.seq)) {
      mailbox.forgetRows();
      await ports.askAgain(journal.stored.seq);
    } else if (letter) await takeLetter(letter);
    else if (first) await takeDeadline(first);
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
    deliver: (from, rows) => mailbox.accept(from, rows),
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
        dueBefore(journal.state, timeOf(command)) === null;
      const input = options.asInput(command);
      if (!certain || decider.needsContext(journal.state, input)) return null;
      const decision = decide(journal.state, input, timeOf(command));
      return decision.kind === 'rejected' ? decision.rejection : null;
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
