import { randomUUID } from 'node:crypto';
import type { Content } from '../../adapters/contract/content.ts';
import type { DeskOffer, DeskPerson } from '../../adapters/contract/desk.ts';
import { newSecret, postSigned } from './signed-post.ts';
import { startSignedServer, type Reply, type SignedCall, type UnsignedCall } from './signed-server.ts';

/**
 * A desk with one person at it, moved by plain HTTP from this machine:
 *
 *     GET  /                                what is open, and what was written
 *     POST /presence    {"online": false}
 *     POST /auto-accept {"on": false}       then each offer waits for accept or refuse
 *     POST /accept | /refuse | /close       {"handoverId"}
 *     POST /answer      {"handoverId", "text"}
 *     POST /take        {"conversationId"}  unasked
 */
export async function startDemoDesk(options: DemoDeskOptions = {}): Promise<DemoDesk> {
  const { secret = newSecret(), port = 0 } = options;
  const desk: Desk = { online: true, autoAccept: true, chats: new Map() };
  const taken = new Set<string>();
  let webhookUrl = options.webhookUrl ?? null;

  const tell: Tell = async (type, data) => {
    if (webhookUrl === null) return 503;
    return (await postSigned(webhookUrl, secret, { type, data: { id: randomUUID(), ...data } })).status;
  };
  const server = await startSignedServer({
    secret,
    port,
    onCall(call) {
      const repeated = taken.has(call.id);
      taken.add(call.id);
      return answerBaton(call, desk, repeated);
    },
    onUnsigned: (call) => answerPerson(call, desk, tell),
  });
  return { url: server.url, secret, connect: (url) => void (webhookUrl = url), stop: server.stop };
}

export interface DemoDeskOptions {
  secret?: string;
  port?: number;
  /** Baton's address for this desk; or later, by `connect`. */
  webhookUrl?: string;
}

export interface DemoDesk {
  url: string;
  secret: string;
  connect(webhookUrl: string): void;
  stop(): Promise<void>;
}

interface Desk {
  online: boolean;
  autoAccept: boolean;
  chats: Map<string, Chat>;
}

interface Chat {
  state: 'offered' | 'accepted' | 'refused' | 'closed' | 'taken';
  /** null: taken unasked, so nobody offered it. */
  offer: DeskOffer | null;
  lines: { from: 'customer' | 'desk'; content: Content }[];
}

type Tell = (type: string, data: Record<string, unknown>) => Promise<number>;

const person: DeskPerson = { id: 'dana', name: 'Dana at the demo desk' };

// ---------------------------------------------------------------------------------------------------- Baton calls

function answerBaton({ type, data }: SignedCall, desk: Desk, repeated: boolean): Reply {
  switch (type) {
    case 'desk.presence.requested':
      return { status: 200, body: { online: desk.online } };
    case 'desk.handover.offered': {
      const offer = data as DeskOffer;
      if (!desk.online) return { status: 200, body: { refused: true } };
      const known = desk.chats.get(offer.handoverId);
      const chat = known ?? { state: desk.autoAccept ? 'accepted' : 'offered', offer, lines: [] };
      desk.chats.set(offer.handoverId, chat);
      return { status: 200, body: chat.state === 'accepted' ? { accepted: { person } } : {} };
    }
    case 'desk.message': {
      const { handoverId, content } = data as { handoverId: string; content: Content };
      const chat = desk.chats.get(handoverId) ?? { state: 'accepted' as const, offer: null, lines: [] };
      desk.chats.set(handoverId, chat);
      if (!repeated) chat.lines.push({ from: 'customer', content });
      return { status: 200, body: {} };
    }
    case 'desk.chat.closed':
    case 'desk.chat.taken': {
      const chat = desk.chats.get((data as { handoverId: string }).handoverId);
      if (chat) chat.state = type === 'desk.chat.closed' ? 'closed' : 'taken';
      return { status: 200, body: {} };
    }
    default:
      return { status: 404 };
  }
}

// ------------------------------------------------------------------------------------------------- the person's calls

async function answerPerson({ method, path, body }: UnsignedCall, desk: Desk, tell: Tell): Promise<Reply> {
  const asked = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (method === 'GET' && path === '/') return { status: 200, body: overview(desk) };
  if (method !== 'POST') return { status: 404 };

  if (path === '/presence' || path === '/auto-accept') {
    if (path === '/presence') desk.online = asked['online'] === true;
    else desk.autoAccept = asked['on'] === true;
    return { status: 200, body: overview(desk) };
  }
  if (path === '/take') return told(await tell('desk.took', { conversationId: asked['conversationId'], person }));

  const handoverId = String(asked['handoverId']);
  const chat = desk.chats.get(handoverId);
  if (!chat) return { status: 404, body: { error: 'no such chat' } };
  switch (path) {
    case '/accept':
      chat.state = 'accepted';
      return told(await tell('desk.accepted', { handoverId, person }));
    case '/refuse':
      chat.state = 'refused';
      return told(await tell('desk.refused', { handoverId, code: 'declined' }));
    case '/close':
      chat.state = 'closed';
      return told(await tell('desk.closed', { handoverId }));
    case '/answer': {
      const content = { text: String(asked['text']) };
      chat.lines.push({ from: 'desk', content });
      return told(await tell('desk.answered', { handoverId, person, content }));
    }
    default:
      return { status: 404 };
  }
}

/** What Baton said to it, for the person to see. */
function told(status: number): Reply {
  return { status: status < 300 ? 200 : 502, body: { baton: status } };
}

function overview({ online, autoAccept, chats }: Desk): object {
  return { online, autoAccept, chats: [...chats].map(([handoverId, chat]) => ({ handoverId, ...chat })) };
}
