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
import type { Decider, DeadlineOf, Decision, Rejected, Work } from './decider.ts';
import { createLanes } from './lanes.ts';
import { createMailbox, type Letter, type Mailbox, type Placed, type Result } from './mailbox.ts';
import {
  unrecordable,
  type Caused,
  type Cause,
  type RecordAnswer,
  type Recording,
  type StoredActor,
} from './record.ts';

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

const nameOf = (deadline: DeadlineOf): string => `${deadline.kind}@${deadline.at}`;

/** How long a command waits for the inbox place that its sender had seen. */
const placeWaitMs = 5_000;
/** When a deadline of silence is tried again that was refused because a row waits. */
const silenceRetryMs = 1_000;
const rowsPerRecord = 200;
const refusalsPerInput = 3;
const keysKept = 64;

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
  readonly firstInHand: number | null;
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

  let stored: StoredActor<S> = { version: 0, seq: 0, eventNo: 0, head: '', lastAt: 0, keys: [], state: null };
  let state = decider.initial;
  let loaded = false;
  /** Facts that came with the load, good for the first input. */
  let freshContext: unknown;
  let laneWakeAt: number | null = null;
  let silenceRetryAt = 0;
  /** A deadline whose decision leaves it standing would fire for ever: a bug of the core, passed over. */
  let stuckDeadline = '';
  const stuckWork = new Set<string>();
  let busy = false;

  const adopt = (row: StoredActor<S>): void => {
    stored = row;
    state = row.state ?? decider.initial;
    mailbox.forget(stored.seq);
  };

  // ------------------------------------------------------------------------------------------------------- deciding

  interface Draft {
    state: S;
    events: Caused<E>[];
    seq: number;
    lastAt: number;
    taken: number;
    parked: { seq: number | null; error: string }[];
  }

  const draftOf = (): Draft => ({ state, events: [], seq: stored.seq, lastAt: stored.lastAt, taken: 0, parked: [] });

  const decide = (from: S, input: I, now: number): Decision<E> | { kind: 'threw'; error: string } => {
    try {
      const decision = decider.decide(from, input, now);
      // Folding is part of deciding: an event that can't be folded must not be recorded.
      if (decision.kind === 'accepted') decision.events.reduce((s, event) => decider.evolve(s, event), from);
      return decision;
    } catch (error) {
      return { kind: 'threw', error: error instanceof Error ? error.name : 'unknown' };
    }
  };

  const apply = (draft: Draft, decision: ReturnType<typeof decide>, cause: Cause, at: number): void => {
    draft.taken += 1;
    draft.lastAt = Math.max(draft.lastAt, at);
    if (cause.kind === 'inbox') draft.seq = cause.seq;
    if (decision.kind === 'threw') {
      draft.parked.push({ seq: cause.kind === 'inbox' ? cause.seq : null, error: decision.error });
    }
    if (decision.kind !== 'accepted') return;
    for (const event of decision.events) {
      draft.state = decider.evolve(draft.state, event);
      draft.events.push({ event, cause });
    }
  };

  const wakeOf = (s: S, at: number): number | null => {
    const times = decider.deadlines(s).map((deadline) => deadline.at);
    // What is to be done is due now, or when the first of its lane may be tried again: nobody looks after it before.
    const heads = new Map(
      decider
        .pending(s)
        .toReversed()
        .map((work) => [work.lane, work]),
    );
    for (const { notBeforeAt } of heads.values()) times.push(Math.max(at, notBeforeAt));
    return times.length === 0 ? null : Math.min(...times);
  };

  const commit = async (
    draft: Draft,
    more: { silentUntil?: number; command?: { key: string; digest: string | null; outcome: unknown } } = {},
  ): Promise<RecordAnswer<S>> => {
    const keys = more.command ? [...stored.keys, more.command.key].slice(-keysKept) : stored.keys;
    const answer = await ports.record({
      expected: stored.version,
      before: state,
      after: draft.state,
      events: draft.events,
      seq: draft.seq,
      lastAt: draft.lastAt,
      keys,
      wakeAt: wakeOf(draft.state, draft.lastAt),
      silentUntil: more.silentUntil ?? null,
      parked: draft.parked,
      command: more.command ?? null,
    });
    if (answer.kind === 'recorded') {
      const { version, eventNo, head } = answer;
      adopt({ version, eventNo, head, seq: draft.seq, lastAt: draft.lastAt, keys, state: draft.state });
    } else if (answer.kind !== 'refused') {
      adopt(answer.row);
    }
    return answer;
  };

  const withContext = async (input: I): Promise<I> => {
    if (!decider.needsContext(state, input)) return input;
    const context = freshContext ?? (await ports.readContext());
    freshContext = undefined; // good for one decision: after a refusal they are read anew
    return decider.withContext(input, context);
  };

  // ---------------------------------------------------------------------------------------------------------- taking

  const standing = (s: S): DeadlineOf[] =>
    decider.deadlines(s).filter((deadline) => nameOf(deadline) !== stuckDeadline);

  const isDue = (deadline: DeadlineOf, at: number, before: R | null): boolean => {
    if (!deadline.silence) return deadline.at <= at;
    // A message of the very millisecond at which silence would have ended breaks the silence. The record goes by the time
    // at which the row was stored, so this does.
    return before === null ? deadline.at <= at && ports.now() >= silenceRetryAt : deadline.at < before.at;
  };

  const dueDeadline = (s: S, at: number, before: R | null = null): DeadlineOf | null => {
    const due = standing(s).filter((deadline) => isDue(deadline, at, before));
    return due.sort((a, b) => a.at - b.at)[0] ?? null;
  };

  const takeDeadline = async (deadline: DeadlineOf): Promise<void> => {
    const plain = decider.onDeadline(deadline);
    let input = plain;
    for (let tries = 0; tries < refusalsPerInput; tries += 1) {
      const answer = await commitDeadline(deadline, decide(state, input, deadline.at));
      if (answer.kind === 'moved') return;
      if (answer.kind !== 'refused') return passOver(deadline);
      if (answer.code === 'inbox-waiting') {
        silenceRetryAt = ports.now() + silenceRetryMs;
        return;
      }
      input = decider.withRefusal(plain, answer.code);
    }
    // No fallback was good enough: people are told, and the deadline does not fire for ever.
    await commitDeadline(deadline, { kind: 'threw', error: 'refused' });
    stuckDeadline = nameOf(deadline);
  };

  const commitDeadline = (deadline: DeadlineOf, decision: ReturnType<typeof decide>): Promise<RecordAnswer<S>> => {
    const draft = draftOf();
    apply(draft, decision, { kind: 'deadline', deadline: deadline.kind }, deadline.at);
    return commit(draft, deadline.silence ? { silentUntil: deadline.at } : {});
  };

  const passOver = (deadline: DeadlineOf): void => {
    if (decider.deadlines(state).some((one) => nameOf(one) === nameOf(deadline))) stuckDeadline = nameOf(deadline);
  };

  interface Taking {
    row: R;
    input: I;
    at: number;
  }

  /** One run of rows, up to a deadline that is due first or a decision that makes a claim. */
  const takeRows = async (most = rowsPerRecord): Promise<void> => {
    const draft = draftOf();
    let last: Taking | null = null;
    for (const row of mailbox.rowsAfter(stored.seq, most)) {
      const at = Math.max(row.at, draft.lastAt);
      const due = dueDeadline(draft.state, at, row);
      if (due) {
        if (draft.taken > 0) break;
        return takeDeadline(due);
      }
      // Facts are read for the state as it stands; mid-run the row waits for the next run.
      if (draft.taken > 0 && decider.needsContext(draft.state, row)) break;
      const input = draft.taken > 0 ? row : await withContext(row);
      const decision = decide(draft.state, input, at);
      const claims = decision.kind === 'accepted' && decision.events.some(options.claims);
      if (claims && draft.taken > 0) break;
      apply(draft, decision, { kind: 'inbox', seq: row.seq }, at);
      last = { row, input, at };
      if (claims) break;
    }
    if (last === null) return;
    const answer = await commit(draft);
    silenceRetryAt = 0;
    // The facts that it was decided with are no longer so: the rows stay in hand and are decided with new ones.
    if (answer.kind !== 'refused' || answer.code === contextChanged) return;
    if (draft.taken > 1) return takeRows(1);
    await takeRefused(last, answer.code);
  };

  /** A row's fallback may be refused in its turn (the agent's limit, then the group is gone), but not for ever. */
  const takeRefused = async ({ row, input, at }: Taking, first: string): Promise<void> => {
    let code = first;
    for (let tries = 0; tries < refusalsPerInput; tries += 1) {
      const draft = draftOf();
      apply(draft, decide(state, decider.withRefusal(input, code), at), { kind: 'inbox', seq: row.seq }, at);
      const answer = await commit(draft);
      if (answer.kind !== 'refused') return;
      code = answer.code;
    }
    // For no inbox row may the core have no answer to a refusal; if it has none, the row is parked and not lost.
    await park(row, code);
  };

  const park = async (row: R, code: string): Promise<void> => {
    const draft = draftOf();
    apply(draft, { kind: 'threw', error: code }, { kind: 'inbox', seq: row.seq }, row.at);
    await commit(draft);
  };

  /** What no clock says is no time: whoever signals by hand may send anything. */
  const timeOf = ({ at }: C): number => Math.max(Number.isFinite(at) ? Number(at) : ports.now(), stored.lastAt);

  const takeLetter = async (letter: Letter<C, O>): Promise<void> => {
    const at = timeOf(letter.command);
    const due = dueDeadline(state, at);
    if (due) return takeDeadline(due);
    const index = mailbox.letters.indexOf(letter);
    mailbox.letters.splice(index, 1);
    letter.answer(await decideLetter(letter, at));
  };

  const decideLetter = async (letter: Letter<C, O>, at: number): Promise<O> => {
    const { key, keyDigest, by } = letter.command;
    let refused: string | null = null;
    for (;;) {
      const plain = await withContext(options.asInput(letter.command));
      const input = refused === null ? plain : decider.withRefusal(plain, refused);
      const draft = draftOf();
      const decision: ReturnType<typeof decide> =
        refused === unrecordable
          ? { kind: 'threw', error: unrecordable }
          : decide(state, input, Math.max(at, stored.lastAt));
      apply(draft, decision, { kind: 'command', name: letter.name, key, by }, at);
      const outcome = outcomeOf(decision, draft);
      // Somebody waits for a rejection, so it needs no record of ours; unless the key has an answer already.
      if (decision.kind === 'rejected' && !letter.unattended && !stored.keys.includes(key)) return outcome;
      const answer = await commit(draft, { command: { key, digest: keyDigest ?? null, outcome } });
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

  const outcomeOf = (decision: ReturnType<typeof decide>, draft: Draft): O => {
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
      stored.version,
    );
  };

  const takeResult = async ({ work, outcome }: Result<W>): Promise<void> => {
    const at = Math.max(ports.now(), stored.lastAt);
    const due = dueDeadline(state, at);
    if (due) return takeDeadline(due);
    mailbox.results.shift();
    await decideResult(work, outcome, at);
    lanes.taken(work);
    // Its outcome was taken (or parked) and it still stands: done again at once, it would be done for ever.
    if (decider.pending(state).some((one) => one.id === work.id)) stuckWork.add(work.id);
  };

  const decideResult = async (work: W, outcome: unknown, at: number): Promise<void> => {
    let input = decider.onDone(work, outcome);
    let refused: string | null = null;
    for (;;) {
      const decision = decide(state, await withContext(input), Math.max(at, stored.lastAt));
      if (decision.kind === 'ignored') return;
      const draft = draftOf();
      const cause: Cause = { kind: 'work', id: work.id };
      apply(draft, refused === 'twice' ? { kind: 'threw', error: 'refused' } : decision, cause, at);
      const answer = await commit(draft);
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
    const placeReached = (letter.command.after ?? 0) <= stored.seq;
    return placeReached || ports.now() >= letter.cameAt + placeWaitMs ? letter : null;
  };

  const hasRows = (): boolean => mailbox.rowsAfter(stored.seq, 1).length > 0 || mailbox.hasGapAfter(stored.seq);

  /** The wait between two attempts is over: a step starts what waited. */
  const laneIsDue = (): boolean => laneWakeAt !== null && laneWakeAt <= ports.now();

  const hasWork = (): boolean =>
    loaded &&
    (mailbox.results.length > 0 ||
      hasRows() ||
      readyLetter() !== null ||
      dueDeadline(state, ports.now()) !== null ||
      laneIsDue());

  const step = async (): Promise<void> => {
    busy = true;
    await takeNext();
    busy = false;
    // What came with the load is good for what was in hand then, and no longer.
    freshContext = undefined;
    syncLanes();
  };

  const takeNext = async (): Promise<void> => {
    const [result] = mailbox.results;
    const letter = readyLetter();
    const due = dueDeadline(state, ports.now());
    if (result) await takeResult(result);
    else if (mailbox.rowsAfter(stored.seq, 1).length > 0) await takeRows();
    else if (mailbox.hasGapAfter(stored.seq)) {
      mailbox.forgetRows();
      await ports.askAgain(stored.seq);
    } else if (letter) await takeLetter(letter);
    else if (due) await takeDeadline(due);
  };

  const syncLanes = (): void => {
    const pending = decider.pending(state).filter((work) => !stuckWork.has(work.id));
    laneWakeAt = lanes.sync(pending, ports.now());
  };

  const post = (name: string, command: C, unattended: boolean): Promise<O> =>
    new Promise((answer) => mailbox.letters.push({ name, command, cameAt: ports.now(), answer, unattended }));

  return {
    get state() {
      return state;
    },
    get stored() {
      return stored;
    },
    get isLoaded() {
      return loaded;
    },
    load(row, context) {
      adopt(row);
      loaded = true;
      freshContext = context;
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
        mailbox.isEmpty(stored.seq) &&
        (command.after ?? 0) <= stored.seq &&
        !stored.keys.includes(command.key) &&
        dueDeadline(state, timeOf(command)) === null;
      const input = options.asInput(command);
      if (!certain || decider.needsContext(state, input)) return null;
      const decision = decide(state, input, timeOf(command));
      return decision.kind === 'rejected' ? decision.rejection : null;
    },
    hasWork,
    step,
    wakeAt() {
      const now = ports.now();
      const times = standing(state).map(({ at, silence }) => (silence ? Math.max(at, silenceRetryAt) : at));
      if (laneWakeAt !== null) times.push(laneWakeAt);
      const [letter] = mailbox.letters;
      if (letter) times.push(letter.cameAt + placeWaitMs);
      return times.length === 0 ? null : Math.max(now, Math.min(...times));
    },
    get firstInHand() {
      return mailbox.firstInHand();
    },
    isQuiet: () => !busy && mailbox.isEmpty(stored.seq) && lanes.isIdle,
    isOver: () => decider.pending(state).length === 0 && decider.deadlines(state).length === 0,
    closeLanes: () => lanes.close(),
  };
}
