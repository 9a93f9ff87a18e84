import { randomUUID } from 'node:crypto';
import type { Content } from '../../adapters/contract/content.ts';
import type { DeskOffer, DeskPerson } from '../../adapters/contract/desk.ts';
import { newSecret, postSigned, type Item } from '../../dev/demo/signed-post.ts';
import { startSignedServer, type Reply } from '../../dev/demo/signed-server.ts';
import { createConditions } from './conditions.ts';

/** A desk that does as it is told, and remembers every call; a call that was repeated under its id counts once. */
export async function startFakeDesk(options: FakeDeskOptions = {}): Promise<FakeDesk> {
  const { secret = newSecret() } = options;
  const calls: DeskCall[] = [];
  const answered = new Map<string, Reply>();
  const conditions = createConditions();
  let script: DeskScript = options.script ?? (() => null);
  let webhookUrl = options.webhookUrl ?? null;

  const server = await startSignedServer({
    secret,
    port: options.port ?? 0,
    async onCall(raw): Promise<Reply> {
      const known = answered.get(raw.id);
      if (known) return known;
      const call = raw as DeskCall;
      const reply = (await script(call)) ?? defaultReply(call);
      if (typeof reply === 'string' || reply.status >= 300) return reply;
      answered.set(call.id, reply);
      calls.push(call);
      conditions.check();
      return reply;
    },
  });

  const webhook = (items: Item | Item[], id?: string) => {
    if (webhookUrl === null) throw new Error('connect() the desk first');
    return postSigned(webhookUrl, secret, items, id);
  };
  const tell = (type: string, data: Record<string, unknown>) => webhook({ type, data: { id: randomUUID(), ...data } });

  return {
    ...server,
    secret,
    calls,
    connect: (url) => void (webhookUrl = url),
    script: (next) => void (script = next),
    offers: () => calls.flatMap((call) => (call.type === 'desk.handover.offered' ? call.data : [])),
    lines: (handoverId) =>
      calls.flatMap((call) =>
        call.type === 'desk.message' && call.data.handoverId === handoverId ? call.data.content : [],
      ),
    webhook,
    accept: (handoverId, person) => tell('desk.accepted', { handoverId, person }),
    refuse: (handoverId, code) => tell('desk.refused', { handoverId, code }),
    answer: (handoverId, content, person) => tell('desk.answered', { handoverId, content, person }),
    close: (handoverId) => tell('desk.closed', { handoverId }),
    take: (conversationId, person) => tell('desk.took', { conversationId, person }),
    until: (condition, timeoutMs) =>
      conditions.until(
        () => condition(calls),
        () => calls.map(({ type, id }) => `${type} ${id}`),
        timeoutMs,
      ),
  };
}

export interface FakeDeskOptions {
  secret?: string;
  port?: number;
  /** Baton's address for this desk; or later, by `connect`. */
  webhookUrl?: string;
  script?: DeskScript;
}

export type DeskCall = { id: string } & (
  | { type: 'desk.presence.requested'; data: { skill?: string; webstore?: string } }
  | { type: 'desk.handover.offered'; data: DeskOffer }
  | { type: 'desk.message'; data: { handoverId: string; key: string; content: Content; at: string } }
  | { type: 'desk.chat.closed' | 'desk.chat.taken'; data: { handoverId: string } }
);

/** null: online, and every other call is just taken. An answer that is not 2xx is not remembered. */
export type DeskScript = (call: DeskCall) => Reply | null | Promise<Reply | null>;

export interface FakeDesk {
  /** For the desk's settings. */
  readonly url: string;
  readonly secret: string;
  /** Everything taken, each id once, in order. */
  readonly calls: DeskCall[];
  connect(webhookUrl: string): void;
  script(next: DeskScript): void;
  offers(): DeskOffer[];
  lines(handoverId: string): Content[];
  webhook(items: Item | Item[], id?: string): Said;
  accept(handoverId: string, person?: DeskPerson): Said;
  refuse(handoverId: string, code?: string): Said;
  answer(handoverId: string, content: Content, person?: DeskPerson): Said;
  close(handoverId: string): Said;
  take(conversationId: string, person?: DeskPerson): Said;
  until(condition: (calls: DeskCall[]) => boolean, timeoutMs?: number): Promise<void>;
  /** Calls that have no answer yet, and whose caller is still there. */
  waiting(): number;
  die(): Promise<void>;
  revive(): Promise<void>;
  stop(): Promise<void>;
}

type Said = Promise<{ status: number; body: unknown }>;

function defaultReply({ type }: DeskCall): Reply {
  return { status: 200, body: type === 'desk.presence.requested' ? { online: true } : {} };
}
