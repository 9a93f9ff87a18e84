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
  const { token } = await api.post<{ token: string }>('/v1/widget/sessions', { accountId, channelId });
  const chat = api.as(token);
  const screen = watch(api, token);
  let heard = 0;

  return {
    async says(text) {
      narration.said('customer', text);
      await chat.post('/v1/widget/messages', { clientMessageId: randomUUID(), text });
    },
    async hears(...lines) {
      const enough = heard + lines.length;
      await screen.shows(enough);
      const came = screen.lines.slice(heard, enough);
      came.forEach(([who, words]) => narration.said(who, words));
      if (JSON.stringify(came) !== JSON.stringify(lines)) throw different('what the customer sees', came, lines);
      heard = enough;
    },
    heardAll() {
      narration.equal('nothing else came to the customer', screen.lines.slice(heard), []);
    },
    leaves: screen.close,
  };
}

interface Screen {
  /** What others have said, so far. */
  readonly lines: readonly Line[];
  /** Waits for so many lines, but not for ever. Throws where the stream broke. */
  shows(lines: number): Promise<void>;
  close(): void;
}

function watch(api: ApiClient, token: string): Screen {
  const closing = new AbortController();
  const lines: Line[] = [];
  let broken: unknown;
  const follow = async (): Promise<void> => {
    for await (const line of linesOf(api, token, closing.signal)) lines.push(line);
  };
  follow().catch((error: unknown) => (broken = error));
  return {
    lines,
    async shows(count) {
      await until(() => lines.length >= count || broken !== undefined, WAIT_AT_MOST_MS);
      if (broken !== undefined) throw new Error('the customer’s stream broke', { cause: broken });
    },
    close: () => closing.abort(),
  };
}

/** What others say, as it comes. */
async function* linesOf(api: ApiClient, token: string, signal: AbortSignal): AsyncGenerator<Line> {
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' };
  const response = await fetch(new URL('/v1/widget/events', api.url), { headers, signal });
  if (!response.ok) throw new ApiProblem('GET /v1/widget/events', response.status, await response.text());
  for await (const { event, data } of serverEvents(response)) {
    if (event !== 'message') continue;
    const { author, content } = JSON.parse(data) as WidgetMessage;
    if (author.kind !== 'customer') yield [author.kind, content.text ?? ''];
  }
}
