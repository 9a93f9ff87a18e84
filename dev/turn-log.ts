import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BotTurn } from '../adapters/contract/bot.ts';

/** What the demo bot was asked, in order. Whoever claims that a bot was silent can be held to it. */
export interface AskedTurn {
  turnId: string;
  conversationId: string;
  event: BotTurn['event']['type'];
  /** What the customer wrote, where that is what the turn is about. */
  words: string[];
}

export interface TurnLog {
  /** Give Baton this address as the bot's. `GET /turns?conversation=…` answers what reached it. */
  url: string;
  stop(): Promise<void>;
}

/** Turns that are remembered: enough for any afternoon. */
const MOST = 5_000;

/** Stands before the bot and hands every byte on. A turn that is tried again is listed once. */
export async function startTurnLog({ port, botUrl }: { port: number; botUrl: string }): Promise<TurnLog> {
  const asked = new Map<string, AskedTurn>();

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'GET' && pathname === '/turns') {
      const conversation = searchParams.get('conversation');
      const turns = [...asked.values()].filter((turn) => !conversation || turn.conversationId === conversation);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(turns));
      return;
    }
    const handOn = async (): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      remember(asked, body);
      const answer = await fetch(botUrl, { method: 'POST', headers: signedHeaders(request), body });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    };
    handOn().catch(() => response.writeHead(502).end());
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

/** Those that the signature is about. */
function signedHeaders({ headers }: IncomingMessage): Record<string, string> {
  const names = Object.keys(headers).filter((name) => name === 'content-type' || name.startsWith('webhook-'));
  return Object.fromEntries(names.map((name) => [name, String(headers[name])]));
}

function remember(asked: Map<string, AskedTurn>, body: Buffer): void {
  const turn = turnIn(body);
  if (!turn || asked.has(turn.turnId)) return;
  asked.set(turn.turnId, turn);
  const [oldest] = asked.keys();
  if (asked.size > MOST && oldest !== undefined) asked.delete(oldest);
}

/** What isn't a turn is the bot's to refuse. */
function turnIn(body: Buffer): AskedTurn | undefined {
  try {
    const { type, data } = JSON.parse(body.toString()) as { type: string; data: BotTurn };
    if (type !== 'bot.turn.requested') return undefined;
    const { turnId, conversation, event } = data;
    const messages = event.type === 'messages' ? event.messages : [];
    const words = messages.map(({ content }) => content.text ?? '');
    return { turnId, conversationId: conversation.id, event: event.type, words };
  } catch {
    return undefined;
  }
}
