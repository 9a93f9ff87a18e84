import type { Moment } from '../../audit/moment.ts';
import type { Teller } from '../../audit/story/teller.ts';
import { oneLine, styled, type Io } from '../io.ts';

/** State and owner at an instant, and what was open then. */
export function printMoment(io: Io, moment: Moment, tell: Teller): void {
  const { events, state, recordedLater } = moment;
  io.out(styled(io, 'bold', `At ${readable(moment.at)}, after ${events === 0 ? 'no event' : `event ${events}`}`));
  if (events === 0) {
    io.out(
      `Nothing had been decided yet${moment.next === null ? '' : `: the first event is of ${readable(moment.next)}`}.`,
    );
  } else if (state === null) io.out('The events up to then can not be folded into a state.');
  else {
    io.out(`State     ${state.phase.name}`);
    io.out(oneLine(`Held by   ${tell.holder(state.baton.holder)}, epoch ${state.baton.epoch}`));
    io.out(`Session   ${state.session === null ? 'none' : state.session.no}`);
    if (state.handover !== null) io.out(`Hand-over ${state.handover.no}`);
    for (const { kind, at } of moment.deadlines) io.out(`Deadline  ${kind} ${readable(new Date(at).toISOString())}`);
    for (const id of moment.pending) io.out(`To do     ${id}`);
  }
  if (recordedLater.length > 0) {
    io.out(
      `Later     ${recordedLater.length} of these events were recorded only later, from event ${recordedLater[0]} on`,
    );
  }
  io.out('');
}

const readable = (iso: string): string => iso.replace('T', ' ').replace('Z', ' UTC');
