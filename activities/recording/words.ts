/** Events → messages that go out, get their place, or are discarded. The words of a notice are the policy's. */
import { v5 as idFrom } from 'uuid';
import type { ConversationEvent, EventOf } from '../../workflows/conversation/events.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import type { ConversationState, Notice } from '../../workflows/conversation/state.ts';
import type { DecisionRecord } from '../../store/record.ts';

type Words = Pick<
  DecisionRecord,
  'received' | 'messageAt' | 'outbound' | 'cancel' | 'settle' | 'discard' | 'requests' | 'intake' | 'continued'
>;

/** Where the engine's own words come from. */
export interface NoticeWriter {
  contentOf(
    actor: ActorId,
    notice: { code: Notice; situation: string; policyVersion: number; blockId: string | null },
  ): Promise<unknown>;
}

export async function wordsOf(
  actor: ActorId,
  after: ConversationState,
  events: ConversationEvent[],
  notices: NoticeWriter,
): Promise<Words> {
  const outbound: Words['outbound'] = [];
  for (const event of events) {
    if (event.type === 'MessageQueued') outbound.push(await outboundOf(actor, after, event, notices));
  }
  const received = events.filter((event) => event.type === 'CustomerMessageAccepted');
  const spoken = events.filter((event) => event.type === 'CustomerMessageAccepted' || event.type === 'MessageQueued');
  return {
    received: received.map((event) => event.messageId),
    messageAt: spoken.at(-1)?.at ?? null,
    outbound,
    cancel: events.flatMap((event) => (event.type === 'MessageCancelled' ? [event.seq] : [])),
    settle: events.flatMap(settledAs),
    discard: events.flatMap((event) => (event.type === 'DraftDiscarded' ? [event.messageId] : [])),
    requests: events.flatMap((event) =>
      event.type === 'HandoverRequested' && event.by === 'engine' ? [event.request.requestId] : [],
    ),
    intake: events.flatMap((event) =>
      event.type === 'BotTurnAnswered' && event.handover !== null ? [{ turn: event.no, handover: event.handover }] : [],
    ),
    continued: events.flatMap((event, index) => {
      const next = events[index + 1];
      const goesOn = event.type === 'HandoverEnded' && event.because === 'continued';
      return goesOn && next?.type === 'HandoverRequested' ? [{ from: event.no, to: next.no }] : [];
    }),
  };
}

async function outboundOf(
  actor: ActorId,
  after: ConversationState,
  event: EventOf<'MessageQueued'>,
  notices: NoticeWriter,
): Promise<Words['outbound'][number]> {
  const { what } = event;
  const content =
    what.kind === 'message'
      ? null
      : await notices.contentOf(actor, {
          code: what.notice,
          situation: what.situation,
          policyVersion: versionOf(what.notice, after),
          blockId: after.block?.blockId ?? null,
        });
  return { ...queuedAs(actor.conversationId, event), content };
}

/** What its row says of it, but for the words. */
export function queuedAs(
  conversationId: string,
  { seq, to, what, author, epoch }: EventOf<'MessageQueued'>,
): Omit<DecisionRecord['outbound'][number], 'content'> {
  return {
    seq,
    messageId: what.kind === 'message' ? what.messageId : idFrom(`notice:${seq}`, conversationId),
    toKind: to.kind,
    toId: to.kind === 'desk' ? to.deskId : null,
    handover: to.kind === 'desk' ? to.handover : null,
    authorKind: author,
    epoch,
  };
}

/** A form asks, and asks again, in the words of the version that it began with. */
function versionOf(notice: Notice, { phase, policy }: ConversationState): number {
  const ofForm = notice === 'form-question' || notice === 'form-retry';
  return ofForm && phase.name === 'prechat' ? phase.form.version : policy.version;
}

function settledAs(event: ConversationEvent): Words['settle'] {
  if (event.type !== 'MessageSettled' || event.as === 'sent') return [];
  return [{ seq: event.seq, as: event.as, class: event.class }];
}
