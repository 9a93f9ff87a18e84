/**
 * Is the chain of a conversation's events whole? Compares three things: the rows with the links that they give, the
 * actor's row with the last of them, and the heads that stand elsewhere (in Temporal's histories, in signed checkpoints, in
 * exported files) with the link at their place. Whoever can write the rows can compute all links anew; only the heads
 * elsewhere tell.
 * Pure: the same for a database, a file and a test.
 */
import { link } from '../../store/chain.ts';
import type { StoredEvent } from '../../store/event-log.ts';
import { parseEventData } from './event-data.ts';

/** A link as it stands outside the rows. */
export interface Head {
  eventNo: number;
  head: string;
  /** Where it stands, for people. */
  where: string;
  by: Voucher;
}

/**
 * Whose word it is: Temporal's own copy of a history, a checkpoint signed with a known key, a file that the reader has kept;
 * or something that stands beside the rows, where whoever wrote those could have written it, too.
 */
export type Voucher = 'Temporal' | 'checkpoint' | 'file' | 'beside';

export interface Problem {
  /** First event that is not as it was recorded; null: it is not about one event. */
  no: number | null;
  /** Last one that it may be; the same as `no` where it is exactly this one. */
  upTo: number | null;
  says: string;
}

export interface ChainReport {
  entries: number;
  /** The first bad entry first. */
  problems: Problem[];
  /** Heads that were compared, and up to which event they vouch for every one; of whoever has any. */
  vouched: { by: Voucher; heads: number; upTo: number }[];
  /** Every event up to here is what some head says. */
  anchoredTo: number;
}

export function verifyChain(
  events: StoredEvent[],
  actor: Pick<Head, 'eventNo' | 'head'> | null,
  heads: Head[],
): ChainReport {
  const problems = [...rowProblems(events), ...actorProblems(events, actor), ...headProblems(events, heads)];
  // A head of a later event only says that something before it is wrong: which, the rows themselves may say.
  const ordered = problems.sort((a, b) => (a.upTo ?? Infinity) - (b.upTo ?? Infinity));
  const whole = Math.min(...problems.map(({ no }) => no ?? Infinity)) - 1;
  const vouched = vouchers.flatMap((by) => {
    const own = heads.filter((head) => head.by === by);
    return own.length === 0 ? [] : [{ by, heads: own.length, upTo: Math.min(whole, lastFitting(events, own)) }];
  });
  return {
    entries: events.length,
    problems: ordered,
    vouched,
    anchoredTo: Math.max(0, ...vouched.map(({ upTo }) => upTo)),
  };
}

const vouchers: Voucher[] = ['Temporal', 'checkpoint', 'file', 'beside'];

function rowProblems(events: StoredEvent[]): Problem[] {
  const problems: Problem[] = [];
  let previous = { no: 0, link: '' };
  for (const event of events) {
    if (event.no !== previous.no + 1) {
      problems.push(missing(previous.no + 1, event.no - 1, `event ${event.no} stands next`));
    } else if (link(previous.link, event.data, event.digest) !== event.link) {
      problems.push(one(event.no, 'its link is not that of its content: it was changed, or another stood before it'));
    }
    problems.push(...columnProblems(event));
    previous = event;
  }
  return problems;
}

/** Time, type and message stand beside the chained text for queries; they must say the same. */
function columnProblems(event: StoredEvent): Problem[] {
  const said = parseEventData(event.data)?.event ?? null;
  if (said === null) return [one(event.no, 'its text is not that of an event')];
  if (said.type !== event.type || said.at !== event.at) {
    return [one(event.no, 'its columns (type, time) are not what its chained text says')];
  }
  return [];
}

function actorProblems(events: StoredEvent[], actor: Pick<Head, 'eventNo' | 'head'> | null): Problem[] {
  const last = events.at(-1);
  if (actor === null)
    return events.length > 0 ? [about('the actor has no row, so nothing says where its chain ends')] : [];
  if (actor.eventNo > (last?.no ?? 0)) {
    return [missing((last?.no ?? 0) + 1, actor.eventNo, `the actor's row counts ${actor.eventNo}`)];
  }
  if (actor.eventNo < (last?.no ?? 0)) {
    return [
      { no: actor.eventNo + 1, upTo: last?.no ?? null, says: `the actor's row counts ${actor.eventNo} events only` },
    ];
  }
  if (actor.head !== (last?.link ?? '')) return [about("the head in the actor's row is not the last event's link")];
  return [];
}

/**
 * A head covers everything before it. So the first event that was changed lies between the last head that fits and the
 * next that doesn't; and where a later one fits, one before it that doesn't was itself changed.
 */
function headProblems(events: StoredEvent[], heads: Head[]): Problem[] {
  const fits = fitting(events);
  const last = lastFitting(events, heads);
  const others = heads.filter((head) => !fits(head)).sort((a, b) => a.eventNo - b.eventNo);
  const changed = others.filter(({ eventNo }) => eventNo <= last);
  const beyond = others.filter(({ eventNo }) => eventNo > last);
  const end = events.at(-1)?.no ?? 0;
  // Of an end that is cut off, the head that goes furthest tells all that is missing.
  const first = beyond.find(({ eventNo }) => eventNo <= end) ?? beyond.at(-1);
  return [
    ...changed.map(({ eventNo, where }) =>
      about(`${where} has another head of event ${eventNo}, though later ones fit`),
    ),
    ...(first ? [changedBefore(first, last, end)] : []),
  ];
}

/** `last`: event that fits; `end`: that there is. */
function changedBefore({ eventNo, where }: Head, last: number, end: number): Problem {
  if (eventNo > end) return missing(end + 1, eventNo, `${where} has the head`);
  return { no: last + 1, upTo: eventNo, says: `not what was recorded: ${where} has another head` };
}

function fitting(events: StoredEvent[]): (head: Head) => boolean {
  const links = new Map(events.map((event) => [event.no, event.link]));
  return ({ eventNo, head }) => (eventNo === 0 ? '' : links.get(eventNo)) === head;
}

function lastFitting(events: StoredEvent[], heads: Head[]): number {
  return Math.max(0, ...heads.filter(fitting(events)).map(({ eventNo }) => eventNo));
}

const one = (no: number, says: string): Problem => ({ no, upTo: no, says });
const about = (says: string): Problem => ({ no: null, upTo: null, says });
const missing = (from: number, upTo: number, says: string): Problem => ({ no: from, upTo, says: `missing: ${says}` });
