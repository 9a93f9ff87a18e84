import type { Kept, Unsent } from './memory.ts';
import { later, type Server, wait } from './server.ts';

/**
 * What the visitor wrote is kept until the server has it, and goes again under the same id: in order, one at a time, each
 * until the server has taken it or says that it never will.
 */
export interface Outbox {
  put(text: string, payload?: string): Unsent;
  flush(): void;
}

export interface Outcomes {
  settled(clientMessageId: string, as: 'delivered' | 'failed'): void;
  /** The session is not known any more. */
  forgotten(): void;
}

export function createOutbox({ state, keep }: Kept, server: Server, { settled, forgotten }: Outcomes): Outbox {
  let sending = false;

  /** Milliseconds to wait; null: this message is done with. */
  async function attempt(message: Unsent): Promise<number | null> {
    const response = await server.call('POST', 'messages', { body: message }).catch(() => null);
    const status = response?.status ?? 0;
    if (status === 401) forgotten();
    else if (response?.ok || (status >= 400 && status < 500 && status !== 408 && status !== 429)) {
      settled(message.clientMessageId, response?.ok ? 'delivered' : 'failed');
      return null;
    }
    return Math.min(Number(response?.headers.get('retry-after')) * 1000, 60_000);
  }

  async function send(): Promise<void> {
    let tries = 0;
    for (let [message] = state.unsent; message && state.token !== null; [message] = state.unsent) {
      const asked = await attempt(message);
      if (asked === null) {
        tries = 0;
        state.unsent.shift();
        keep();
      } else if (state.token !== null) {
        await (asked > 0 ? wait(asked) : later(tries));
        tries += 1;
      }
    }
  }

  const flush = (): void => {
    if (sending) return;
    sending = true;
    void send().finally(() => (sending = false));
  };
  return {
    flush,
    put(text, payload) {
      const clientMessageId = [...crypto.getRandomValues(new Uint8Array(16))]
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join('');
      const message = { clientMessageId, text, ...(payload && { payload }) };
      state.unsent.push(message);
      keep();
      return message;
    },
  };
}
