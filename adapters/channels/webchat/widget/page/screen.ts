import { element } from './element.ts';
import { createLog, type Log } from './log.ts';
import type { Appearance } from '../../settings.ts';
import { LONGEST_VISITOR_TEXT } from '../../wire.ts';

/** The chat in the corner of the page: a button, and the panel that it opens. The page's own styles don't reach it. */
export interface Screen {
  log: Log;
  isOpen(): boolean;
  dress(appearance: Appearance | undefined): void;
  /** Messages that were not seen. */
  count(unread: number): void;
  status(words: string): void;
  typing(on: boolean): void;
  waiting(on: boolean): void;
}

export interface Doings {
  say(text: string, payload?: string): void;
  typed(): void;
  cancel(): void;
  opened(): void;
}

/** How long somebody counts as writing who says nothing more of it. */
const TYPING_MS = 8000;

export function createScreen(css: string, { say, typed, cancel, opened }: Doings): Screen {
  const host = element('div');
  const root = host.attachShadow({ mode: 'closed' });
  const style = new CSSStyleSheet();
  style.replaceSync(css);
  root.adoptedStyleSheets = [style];

  const title = element('span', { textContent: 'Chat' });
  const button = (text: string, more: object, attributes = {}) =>
    element('button', { type: 'button', textContent: text, ...more }, attributes);
  const leave = button('Stop waiting', { title: 'I no longer need a person', hidden: true, onclick: cancel });
  const close = button('✕', { onclick: () => open(false) }, { 'aria-label': 'Close the chat' });
  const log = createLog(say);
  const note = element('div', { className: 'status' }, { role: 'status' });
  const input = element(
    'textarea',
    { placeholder: 'Your message', maxLength: LONGEST_VISITOR_TEXT },
    { 'aria-label': 'Your message' },
  );
  const form = element('form', {}, {}, input, element('button', { className: 'send', textContent: 'Send' }));
  const header = element('header', {}, {}, title, leave, close);
  const panel = element(
    'section',
    { className: 'panel', hidden: true },
    { role: 'dialog', 'aria-label': 'Chat' },
    header,
    log.root,
    note,
    form,
  );
  const launcher = button(
    'Chat',
    { className: 'launcher', onclick: () => open(!isOpen()) },
    { 'aria-expanded': 'false' },
  );
  root.append(panel, launcher);
  (document.body ?? document.documentElement).append(host);

  const isOpen = (): boolean => panel.hidden === false;
  function open(on: boolean): void {
    panel.hidden = !on;
    launcher.setAttribute('aria-expanded', String(on));
    (on ? input : launcher).focus();
    if (!on) return;
    log.scrollToEnd();
    opened();
  }
  panel.onkeydown = ({ key }) => {
    if (key === 'Escape') open(false);
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    const text = input.value.trim();
    input.value = '';
    if (text) say(text);
  };
  input.oninput = typed;
  input.onkeydown = (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  };

  let typingEnds: ReturnType<typeof setTimeout> | undefined;
  const status = (words: string): void => void (note.textContent = words);
  return {
    log,
    isOpen,
    dress(appearance) {
      const { title: words, greeting, colours } = appearance ?? {};
      if (words) panel.setAttribute('aria-label', (title.textContent = words));
      if (colours?.accent) host.style.setProperty('--accent', colours.accent);
      if (colours?.onAccent) host.style.setProperty('--on-accent', colours.onAccent);
      if (greeting) log.show({ id: 'greeting', author: { kind: 'bot' }, content: { text: greeting } });
    },
    count: (unread) =>
      void (launcher.textContent = unread > 0 ? `${title.textContent} (${unread})` : title.textContent),
    status,
    typing(on) {
      clearTimeout(typingEnds);
      status(on ? 'Writing…' : '');
      if (on) typingEnds = setTimeout(() => status(''), TYPING_MS);
    },
    waiting: (on) => void (leave.hidden = !on),
  };
}
