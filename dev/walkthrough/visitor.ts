import { randomUUID } from 'node:crypto';
import type { WidgetMessage } from '../../adapters/channels/webchat/wire.ts';
import { type ApiClient, ApiProblem } from '../api-client.ts';
import { until } from '../servers/until.ts';
import { different, type Narration } from './narration.ts';
import { serverEvents } from './server-events.ts';

/** A line that the customer sees: whose, and what. */
export type Line = [who: WidgetMessage['author']['kind'], words: string];

/** A customer in the web chat, who sees what the stream brings and nothing else. */
export interface Visitor {
  says(words: string): Promise<void>;
  /** Waits for as many further lines as there are here, and wants exactly these, in this order. */
  hears(...lines: Line[]): Promise<void>;
  /** Wants that nothing has come beyond what was heard. */
  heardAll(): void;
  leaves(): void;
}

export interface Place {
  accountId: string;
  channelId: string;
}

const WAIT_AT_MOST_MS = 30_000;

export async function openChat(
  api: ApiClient,
  { accountId, channelId }: Place,
  narration: Narration,
): Promise<Visitor> {
  const session = await api.post<{ token: string }>('/v1/widget/sessions', { accountId, channelId });
  const chat = api.as(session.token);
  const leaving = new AbortController();
  const seen: Line[] = [];
  let heard = 0;
  let broken: unknown;

  const watch = async (): Promise<void> => {
    const headers = { authorization: `Bearer ${session.token}`, accept: 'text/event-stream' };
    const response = await fetch(new URL('/v1/widget/events', api.url), { headers, signal: leaving.signal });
    if (!response.ok) throw new ApiProblem('GET /v1/widget/events', response.status, await response.text());
    for await (const { event, data } of serverEvents(response)) {
      if (event !== 'message') continue;
      const { author, content } = JSON.parse(data) as WidgetMessage;
      if (author.kind === 'customer') continue;
      seen.push([author.kind, content.text ?? '']);
    }
  };
  watch().catch((error: unknown) => (broken = error));

  return {
    async says(text) {
      narration.said('customer', text);
      await chat.post('/v1/widget/messages', { clientMessageId: randomUUID(), text });
    },
    async hears(...lines) {
      const enough = heard + lines.length;
      await until(() => seen.length >= enough || broken !== undefined, WAIT_AT_MOST_MS);
      if (broken !== undefined) throw new Error('the customer’s stream broke', { cause: broken });
      const came = seen.slice(heard, enough);
      came.forEach(([who, words]) => narration.said(who, words));
      if (JSON.stringify(came) !== JSON.stringify(lines)) throw different('what the customer sees', came, lines);
      heard = enough;
    },
    heardAll() {
      narration.equal('nothing else came to the customer', seen.slice(heard), []);
    },
    leaves: () => leaving.abort(),
  };
}
