/** One of each call that Baton makes over signed HTTP, with every field that there is: the compiler misses a new one. */
import type { BotTurn } from '../../adapters/contract/bot.ts';
import type { Sending } from '../../adapters/contract/channel.ts';
import type { DeskOffer } from '../../adapters/contract/desk.ts';
import { capabilities } from '../../adapters/channels/http/capabilities.ts';

/** With no field left out, but those of a content: not all of them go together. */
type Whole<T> = 'attachments' extends keyof T
  ? T
  : T extends object
    ? { [K in keyof T]-?: Whole<Exclude<T[K], undefined>> }
    : T;

const conversationId = '019f1d2c-7a51-7c07-9a43-52a14b5a9f6e';
const carla = { id: '019f1d2c-2222-7d03-b6a5-0c9be1f7a922', name: 'Carla' };
const parcel = {
  text: 'My parcel looks like this',
  attachments: [{ kind: 'image' as const, url: 'https://shop.example/parcel.jpg', name: 'parcel.jpg' }],
};

const rest: Whole<Omit<BotTurn, 'conversation' | 'event'>> = {
  turnId: `${conversationId}:t3`,
  contact: carla,
  intake: false,
  reply: {
    url: `https://baton.example/v1/bot-replies/019f1d2c-0000-7f4a-9c3d-7b2e5a1c6d00/${conversationId}/3`,
    token: 'q0X3yq2mZc5h1W8sLkT4vB7nR6pD9uEaJfGxHiKoMzY',
    deadlineMs: 60_000,
  },
};

export const turn: BotTurn = {
  ...rest,
  conversation: {
    id: conversationId,
    channel: { id: '019f1d2c-1111-7b1c-8f0e-aa0c2d7f4e11', type: 'http' },
    capabilities: capabilities({}),
  },
  event: {
    type: 'messages',
    messages: [{ id: '019f1d2c-3333-7e5f-a1b2-6d1f0e8c7b33', content: parcel, at: '2026-11-30T11:59:59.000Z' }],
  },
};

type Event = BotTurn['event'];
type Other = Exclude<Event['type'], 'messages'>;
/** The events of a turn other than `messages`, one of each. */
export const otherEvents: { [T in Other]: Whole<Extract<Event, { type: T }>> } = {
  prechat: { type: 'prechat', agentStatus: 'offline' },
  returned: { type: 'returned', because: 'hand-back' },
};

export const presenceFacts = { skill: 'returns', webstore: 'uk' };

export const offer: Whole<DeskOffer> = {
  handoverId: `${conversationId}:h1`,
  conversationId,
  contact: { ...carla, phones: ['+31612345678'], emails: ['carla@shop.example'] },
  reason: 'A damaged parcel',
  skill: 'returns',
  webstore: 'uk',
  channelTag: 'app',
  priority: 5,
  data: { order: '4711' },
  intake: [{ name: 'order', label: 'Which order is it about?', value: '4711' }],
  history: [
    {
      id: '019f1d2c-3333-7e5f-a1b2-6d1f0e8c7b33',
      author: 'customer',
      content: { text: 'My parcel looks like this' },
      at: '2026-11-30T11:59:59.000Z',
    },
    {
      id: '019f1d2c-6666-7c9d-8e1f-3a4b5c6d7e66',
      author: 'bot',
      content: { text: 'I will look for somebody.' },
      at: '2026-11-30T12:00:00.400Z',
    },
  ],
  historyOmitted: 0,
};

export const line = {
  handoverId: `${conversationId}:h1`,
  key: `${conversationId}:17`,
  content: { text: 'Are you there?' },
  at: '2026-11-30T12:01:59.000Z',
};

export const news = { handoverId: `${conversationId}:h1`, key: `${conversationId}:n1` };

export const sending: Whole<Sending> = {
  key: `${conversationId}:18`,
  thread: 'order-1',
  contactExternalId: 'c1',
  author: { kind: 'desk', name: 'Dora' },
  content: { text: 'I am. A new one is on its way.' },
};
