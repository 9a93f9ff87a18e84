/*
 * Baton's web chat, for any page:
 *   <script src="https://baton.example/widget.js" data-account="…" data-channel="…" async></script>
 * `data-visitor` may hold a JWT in which the site says who its visitor is.
 */
import type { WidgetMessage } from '../../wire.ts';
import { createChat } from './chat.ts';
import type { Said } from './log.ts';
import { type Kept, recall, type Unsent } from './memory.ts';
import { createOutbox } from './outbox.ts';
import { createScreen, type Screen } from './screen.ts';
import { type Server, serverAt } from './server.ts';

/** The style sheet, which the bundle holds as text. */
declare const STYLE: string;

const { src, dataset } = document.currentScript as HTMLScriptElement;
const { account, channel, visitor } = dataset;
function embed(accountId: string, channelId: string): void {
  const kept = recall(`baton:${accountId}:${channelId}`, visitor);
  const { state } = kept;
  const server = serverAt(new URL('/v1/widget/', src).href, () => state.token);
  const running = once(() => chat.run());
  const typed = every(3000, () => server.tell('typing', { on: true }));

  const screen: Screen = createScreen(STYLE, {
    say(text, payload) {
      // A message ends what the other side was told; what is written next is news again.
      typed.again();
      screen.log.show(own(outbox.put(text, payload)));
      outbox.flush();
    },
    typed: typed.run,
    cancel: () => server.tell('cancel', {}),
    opened() {
      reading.see();
      running();
    },
  });
  const { log } = screen;
  const reading = createReading(kept, server, screen);
  const dress = (): void => {
    screen.dress(state.appearance);
    reading.count();
  };

  const chat = createChat(kept, server, {
    session: () => ({ accountId, channelId, visitor, pageUrl: location.href }),
    flush: () => outbox.flush(),
    shown: {
      ...screen,
      dress,
      message(message) {
        if (!log.show(message) || message.author.kind === 'customer') return;
        screen.typing(false);
        reading.came(message);
      },
      receipt: log.receipt,
      caughtUp: () => state.unsent.forEach(({ clientMessageId }) => log.moveToEnd(clientMessageId)),
    },
  });
  const outbox = createOutbox(kept, server, { settled: log.receipt, forgotten: chat.forget });

  dress();
  state.unsent.forEach((message) => log.show(own(message)));
  if (state.token !== null) running();
}

function own({ clientMessageId, text }: Unsent): Said {
  return { clientMessageId, author: { kind: 'customer' }, content: { text } };
}

/** What is not read yet, and telling the server of what is: several messages at once are one receipt. */
function createReading({ state, keep }: Kept, server: Server, screen: Screen) {
  const unread = new Set<number>();
  let telling: ReturnType<typeof setTimeout> | undefined;
  const count = (): void => screen.count(unread.size);
  const see = (): void => {
    clearTimeout(telling);
    if (!screen.isOpen() || unread.size === 0) return;
    telling = setTimeout(() => {
      state.seen = Math.max(...unread);
      unread.clear();
      keep();
      count();
      server.tell('read', { place: state.seen });
    }, 200);
  };
  return {
    count,
    see,
    came({ place }: WidgetMessage) {
      if (place <= state.seen) return;
      unread.add(place);
      count();
      see();
    },
  };
}

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (!done) run();
    done = true;
  };
}

/** At most so often, and at once after `again`. */
function every(ms: number, run: () => void): { run(): void; again(): void } {
  let at = 0;
  return {
    again: () => (at = 0),
    run() {
      if (Date.now() - at < ms) return;
      at = Date.now();
      run();
    },
  };
}

// Last, when all above is there.
if (account && channel) embed(account, channel);
