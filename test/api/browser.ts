/** A page of a shop with our chat on it, in a browser's DOM, with the script as the API serves it. No part of it is played. */
import { Browser, type BrowserPage, PropertySymbol, type ShadowRoot } from 'happy-dom';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';

export const shop = 'http://shop.example';

export interface Chat {
  /** Who wrote and what stands there, in order, as a reader sees it. */
  lines(): string[];
  /** What became of the visitor's own words: each with the line that it stands under. */
  receipts(): string[];
  /** Whether the newest line is in sight. */
  isAtEnd(): boolean;
  /** Elements of this kind that can be seen. */
  visible(selector: string): number;
  status(): string;
  launcher(): string;
  /** How an element of this kind is drawn. */
  drawn(selector: string): { color: string; background: string };
  /** Elements of this kind within the chat. */
  count(selector: string): number;
  press(selector: string): void;
  /** Into the field, and Enter. */
  say(text: string): void;
  type(text: string): void;
  shows(condition: () => boolean | Promise<boolean>): Promise<void>;
  /** The page's own globals. */
  global(name: string): unknown;
}

export interface Visitor {
  /** A page that the visitor opens, or opens again; what their browser kept is there. */
  visit(): Promise<Chat>;
  kept(): string;
  leave(): Promise<void>;
}

export function createVisitor(
  api: string,
  { accountId, channelId }: { accountId: string; channelId: string },
): Visitor {
  let browser: Browser | null = null;
  let page: BrowserPage | null = null;
  /** Of the shop's origin; a browser keeps it from page to page. */
  const kept = new Map<string, string>();
  const leave = async (): Promise<void> => {
    if (page)
      for (const [key, value] of Object.entries(page.mainFrame.window.localStorage)) kept.set(key, String(value));
    await browser?.close();
    browser = page = null;
  };
  return {
    leave,
    kept: () => JSON.stringify(Object.entries(required(page).mainFrame.window.localStorage)),
    async visit() {
      await leave();
      browser = new Browser({
        settings: { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true },
      });
      page = browser.newPage();
      page.mainFrame.url = `${shop}/shoes`;
      const { window } = page.mainFrame;
      kept.forEach((value, key) => window.localStorage.setItem(key, value));
      // Every browser has it; this one leaves it to Node.
      Object.assign(window, { TextDecoderStream });
      page.content = `<!doctype html><html lang="en"><body><h1>Shoes</h1>
        <script async src="${api}/widget.js" data-account="${accountId}" data-channel="${channelId}"></script>
      </body></html>`;
      await until(() => rootOf(required(page)) !== null);
      return chatOn(required(page));
    },
  };
}

/** Closed to the page, not to whoever sits before the screen. */
function rootOf(page: BrowserPage): ShadowRoot | null {
  const host = page.mainFrame.document.body.lastElementChild;
  return host?.[PropertySymbol.shadowRoot] ?? null;
}

function chatOn(page: BrowserPage): Chat {
  const { window } = page.mainFrame;
  const root = required(rootOf(page) ?? undefined);
  const log = required(root.querySelector('.log') ?? undefined);
  // This browser lays nothing out. As in others, what is hidden has no height, and can't be scrolled.
  const height = (): number => (log.closest('[hidden]') ? 0 : 100 * log.childElementCount);
  let scrolled = 0;
  Object.defineProperty(log, 'scrollHeight', { get: height });
  Object.defineProperty(log, 'scrollTop', {
    get: () => scrolled,
    set(to: number) {
      scrolled = Math.min(to, height());
    },
  });
  const field = () => required(root.querySelector('textarea') ?? undefined);
  const chat: Chat = {
    lines: () =>
      [...root.querySelectorAll('.line')].map((line) => {
        const who = line.className.replace('line', '').trim();
        return `${who}: ${[...line.children].map((part) => part.textContent).join(' | ')}`;
      }),
    receipts: () =>
      [...root.querySelectorAll('.receipt')].map(
        (receipt) => `${receipt.previousElementSibling?.textContent}: ${receipt.textContent}`,
      ),
    isAtEnd: () => height() > 0 && scrolled === height(),
    visible: (selector) => [...root.querySelectorAll(selector)].filter((one) => !one.closest('[hidden]')).length,
    status: () => root.querySelector('.status')?.textContent ?? '',
    launcher: () => root.querySelector('.launcher')?.textContent ?? '',
    drawn(selector) {
      const { color, backgroundColor } = window.getComputedStyle(required(root.querySelector(selector) ?? undefined));
      return { color, background: backgroundColor };
    },
    count: (selector) => root.querySelectorAll(selector).length,
    press: (selector) => required(root.querySelector(selector) ?? undefined).dispatchEvent(new window.Event('click')),
    type(text) {
      field().value = text;
      field().dispatchEvent(new window.Event('input'));
    },
    say(text) {
      chat.type(text);
      field().dispatchEvent(new window.KeyboardEvent('keydown', { key: 'Enter' }));
    },
    async shows(condition) {
      await until(condition).catch((error: unknown) => {
        throw new Error(
          `${String(error)}. It shows (${chat.launcher()}):\n${[...chat.lines(), chat.status()].join('\n')}`,
        );
      });
    },
    global: (name) => (window as unknown as Record<string, unknown>)[name],
  };
  return chat;
}
