import type { Baton, Holder, Session } from '../state.ts';

/**
 * The only place where the epoch moves: it rises by one when the baton passes to another party, and never else. Words
 * are fenced by it (a bot's turn of an older epoch is void), so every fold that changes the holder goes through here.
 */
export function passTo(baton: Baton, holder: Holder): Baton {
  if (isSameParty(baton.holder, holder)) return { holder, epoch: baton.epoch };
  return { holder, epoch: baton.epoch + 1 };
}

/** At a desk the desk is the party; who speaks there is only a name that it reports. */
export function isSameParty(one: Holder, other: Holder): boolean {
  if (one.kind === 'bot') return other.kind === 'bot' && one.botId === other.botId;
  if (one.kind === 'agent') return other.kind === 'agent' && one.agentId === other.agentId;
  if (one.kind === 'desk') return other.kind === 'desk' && one.deskId === other.deskId;
  return other.kind === 'engine';
}

/** Who speaks when no person does: the session's bot; the engine where there is no bot, or no session. */
export function speakerOf(session: Session | null): Holder {
  if (session === null || session.botId === null) return { kind: 'engine' };
  return { kind: 'bot', botId: session.botId };
}
