/**
 * Is the chain of a conversation's events whole? Compares three things: the rows with the links that they give, the
 * actor's row with the last of them, and the heads that stand elsewhere (in Temporal's histories and their exports) with
 * the link at their place. Whoever can write the rows can compute all links anew; only the heads elsewhere tell.
 * Pure: the same for a database, a file and a test.
 */
import { link } from '../../store/chain.ts';
import type { StoredEvent } from '../../store/events.ts';

/** A link as it stands outside the rows. */
export interface Head {
  eventNo: number;
  head: string;
  /** Where it stands, for people. */
  where: string;
}

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
  /** Heads that were compared. */
  heads: number;
  /** Every event up to here is what a head elsewhere says. */
  anchoredTo: number;
}

export function verifyChain(events: StoredEvent[], actor: Omit<Head, 'where'> | null, heads: Head[]): ChainReport {
  const rows = [...rowProblems(events), ...actorProblems(events, actor)];
  const { problems, anchoredTo } = compareHeads(events, heads);
  const ordered = [...rows, ...problems].sort((a, b) => (a.no ?? Infinity) - (b.no ?? Infinity));
  const firstBad = ordered[0]?.no ?? Infinity;
  return {
    entries: events.length,
    problems: ordered,
    heads: heads.length,
    anchoredTo: Math.min(anchoredTo, firstBad - 1),
  };
}

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
  const said = parse(event.data);
  if (said === null) return [one(event.no, 'its text is not that of an event')];
  if (said.type !== event.type || said.at !== event.at) {
    return [one(event.no, 'its columns (type, time) are not what its chained text says')];
  }
  return [];
}

function actorProblems(events: StoredEvent[], actor: Omit<Head, 'where'> | null): Problem[] {
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
function compareHeads(events: StoredEvent[], heads: Head[]): { problems: Problem[]; anchoredTo: number } {
  const links = new Map(events.map((event) => [event.no, event.link]));
  const linkAt = (no: number): string | undefined => (no === 0 ? '' : links.get(no));
  const fitting = heads.filter(({ eventNo, head }) => linkAt(eventNo) === head);
  const others = heads.filter(({ eventNo, head }) => linkAt(eventNo) !== head);
  const anchoredTo = Math.max(0, ...fitting.map(({ eventNo }) => eventNo));
  const [first] = others.filter(({ eventNo }) => eventNo > anchoredTo).sort((a, b) => a.eventNo - b.eventNo);
  const problems = others
    .filter(({ eventNo }) => eventNo <= anchoredTo)
    .map(({ eventNo, where }) => about(`${where} names another head at event ${eventNo}, though later ones fit`));
  if (first) {
    const says = linkAt(first.eventNo) === undefined ? 'missing' : 'not what was recorded';
    problems.push({ no: anchoredTo + 1, upTo: first.eventNo, says: `${says}: ${first.where} has the head` });
  }
  return { problems, anchoredTo };
}

const one = (no: number, says: string): Problem => ({ no, upTo: no, says });
const about = (says: string): Problem => ({ no: null, upTo: null, says });
const missing = (from: number, upTo: number, says: string): Problem => ({ no: from, upTo, says: `missing: ${says}` });

function parse(data: string): { type: string; at: number } | null {
  try {
    const { event } = JSON.parse(data) as { event?: { type?: unknown; at?: unknown } };
    return typeof event?.type === 'string' && typeof event.at === 'number' ? { type: event.type, at: event.at } : null;
  } catch {
    return null;
  }
}
