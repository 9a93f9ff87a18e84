import type { WidgetHistory, WidgetMessage, WidgetReceipt } from '../../wire.ts';
import type { Appearance } from '../../settings.ts';
import type { Kept } from './memory.ts';
import { later, type Server, serverEvents, type ServerEvent } from './server.ts';

/**
 * Session, history, stream; and from the start again whenever one of them breaks. The stream resumes behind the last place
 * seen, so neither a reload nor a restart of the server loses or repeats a message.
 */
export interface Chat {
  /** For as long as the page lives. */
  run(): void;
  /** The server doesn't know the session any more. */
  forget(): void;
}

export interface Shown {
  dress(): void;
  message(message: WidgetMessage): void;
  receipt(messageId: string, status: 'read'): void;
  /** All of the history is there. */
  caughtUp(): void;
  typing(on: boolean): void;
  waiting(on: boolean): void;
  status(words: string): void;
}

export function createChat(
  { state, keep }: Kept,
  server: Server,
  { session, shown, flush }: { session: () => object; shown: Shown; flush: () => void },
): Chat {
  /** Last place seen in the stream; null: nothing read yet. */
  let place: string | null = null;
  let stream: AbortController | null = null;

  function forget(): void {
    state.token = null;
    place = null;
    keep();
    stream?.abort();
  }

  /** The answer, if it is one; else what breaks the round. */
  async function required(call: Promise<Response>): Promise<Response> {
    const response = await call;
    if (response.status === 401) forget();
    if (!response.ok) throw new Error(String(response.status));
    return response;
  }

  async function begin(): Promise<void> {
    const response = await required(server.call('POST', 'sessions', { body: session() }));
    const { token, appearance } = (await response.json()) as { token: string; appearance: Appearance };
    Object.assign(state, { token, appearance });
    keep();
    shown.dress();
  }

  async function readHistory(): Promise<void> {
    for (let after = ''; ; after = place) {
      const response = await required(server.call('GET', `messages${after && `?after=${encodeURIComponent(after)}`}`));
      const { items, cursor, readUpTo } = (await response.json()) as WidgetHistory;
      items.forEach(shown.message);
      if (readUpTo) shown.receipt(readUpTo, 'read');
      place = String(cursor);
      if (items.length === 0 || place === after) break;
    }
    shown.caughtUp();
  }

  async function follow(alive: () => void): Promise<void> {
    stream = new AbortController();
    const { signal } = stream;
    const headers = { accept: 'text/event-stream', 'last-event-id': place ?? '' };
    const response = await required(server.call('GET', 'events', { headers, signal }));
    shown.status('');
    shown.waiting(false);
    for await (const event of serverEvents(response, () => stream?.abort())) {
      alive();
      if (event) take(event);
    }
  }

  function take({ event, id, data }: ServerEvent): void {
    if (event === 'message') shown.message(data as WidgetMessage);
    if (event === 'receipt') shown.receipt((data as WidgetReceipt).messageId, (data as WidgetReceipt).status);
    if (event === 'typing') shown.typing((data as { on: boolean }).on);
    if (event === 'state') shown.waiting((data as { waiting: boolean }).waiting);
    if (id) place = id;
  }

  async function goOn(): Promise<never> {
    for (let tries = 0; ; tries += 1) {
      let refused = false;
      try {
        if (state.token === null) await begin();
        if (place === null) await readHistory();
        flush();
        await follow(() => (tries = 0));
      } catch (error) {
        // The channel is off, the page not allowed, or nobody signed in: an answer, and not an outage.
        refused = /^40[34]$/.test((error as Error).message);
      }
      shown.status(refused ? 'Not available right now' : tries > 1 ? 'Connecting…' : '');
      await later(tries);
    }
  }

  return { run: () => void goOn(), forget };
}
