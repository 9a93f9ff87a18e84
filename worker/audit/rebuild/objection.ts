/**
 * Why nothing may be made anew of these events: they are not whole, or the actor's row says that they are not all, and that
 * row is the only thing in the database that says so. Whoever doubts the row itself asks `baton verify`.
 */
import type { StoredFolds } from '../../../store/rebuild.ts';
import { actorFormat } from '../../../store/actor-state.ts';
import { verifyChain } from '../chain.ts';
import type { FoldedEvent } from '../fold.ts';

/** Null: there is none. */
export function objectionTo({ actor, format }: StoredFolds, folded: FoldedEvent[]): string | null {
  if (format > actorFormat + 1) return `the actor's row is of format ${format}, which this build can't read`;
  const events = folded.map(({ stored }) => stored);
  const last = events.at(-1);
  const { no, link } = last ?? { no: 0, link: '' };
  const [problem] = verifyChain(events, { eventNo: no, head: link }, []).problems;
  if (problem) return `event ${problem.no ?? ''}: ${problem.says}`;
  const broken = folded.find(({ after }) => after === null);
  if (broken) return `event ${broken.stored.no} can not be folded into a state`;
  if (actor.eventNo > no) return `the actor's row counts ${actor.eventNo} events, and ${no} are there`;
  if (actor.eventNo === no && actor.head !== link) {
    return "the head in the actor's row is not the last event's link: one of them was changed";
  }
  return null;
}
