import type { WidgetMessage } from '../../wire.ts';
import { element } from './element.ts';

/** The lines of the chat, in order, each once, and what became of the visitor's own. */
export interface Log {
  root: HTMLElement;
  /** False: it stands there already. */
  show(message: Said): boolean;
  /** `delivered` and `read` stand under the newest line that they are true of. By either id of a message. */
  receipt(id: string, status: 'delivered' | 'read' | 'failed'): void;
  /** To where the newest line can be read. What is hidden can't be scrolled, so whoever shows the lines asks for it. */
  scrollToEnd(): void;
  /** To the end, as it is not said yet. */
  moveToEnd(clientMessageId: string): void;
}

export type Said = Pick<WidgetMessage, 'author' | 'content'> & Partial<WidgetMessage>;

const words = { delivered: 'Delivered', read: 'Read', failed: 'Not sent' };

export function createLog(press: (title: string, payload: string | undefined) => void): Log {
  const root = element(
    'div',
    { className: 'log' },
    { role: 'log', 'aria-live': 'polite', tabindex: '0', 'aria-label': 'Messages' },
  );
  /** By the message's id and by the id that we gave it. */
  const lines = new Map<string, HTMLElement>();
  const marks = { delivered: mark('delivered'), read: mark('read') };

  function receipt(id: string, status: 'delivered' | 'read' | 'failed'): void {
    const line = lines.get(id);
    if (!line?.classList.contains('mine')) return;
    if (status === 'failed') return line.after(mark(status));
    const { delivered, read } = marks;
    const under = marks[status].previousElementSibling;
    if (under && isBefore(line, under)) return;
    line.after(marks[status]);
    // Of the same line, the better news.
    if (status === 'read' && delivered.previousElementSibling === read) delivered.remove();
    if (status === 'delivered' && delivered.nextElementSibling === read) delivered.remove();
  }

  const scrollToEnd = (): void => void (root.scrollTop = root.scrollHeight);

  return {
    root,
    receipt,
    scrollToEnd,
    moveToEnd: (id) => root.append(lines.get(id) ?? ''),
    show({ id, clientMessageId, author, content }) {
      const ids = [id, clientMessageId].filter((one) => one !== undefined);
      const known = ids.map((one) => lines.get(one)).find((one) => one !== undefined);
      const line = known ?? draw(author, content);
      for (const one of ids) lines.set(one, line);
      if (!known) {
        root.querySelector('.choices')?.remove();
        root.append(line);
        if (content.buttons) root.append(choices(content.buttons, press));
      }
      // It has a place in the stream, so the server has it.
      if (author.kind === 'customer' && id !== undefined) receipt(id, 'delivered');
      scrollToEnd();
      return !known;
    },
  };
}

const mark = (status: keyof typeof words): HTMLElement =>
  element('div', { className: 'receipt', textContent: words[status] });

const isBefore = (one: Element, other: Element): boolean =>
  (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;

function draw({ kind, name }: Said['author'], { text, attachments = [] }: Said['content']): HTMLElement {
  const line = element('div', { className: `line ${kind === 'customer' ? 'mine' : kind}` });
  if (kind !== 'customer' && name) line.append(element('span', { className: 'who', textContent: name }));
  if (text) line.append(element('span', { textContent: text }));
  // An address is a link only where it leads to the web.
  for (const { url, name: file } of attachments.filter(({ url: to }) => /^https?:\/\//i.test(to)))
    line.append(element('a', { href: url, target: '_blank', rel: 'noopener noreferrer', textContent: file ?? url }));
  return line;
}

function choices(
  buttons: NonNullable<Said['content']['buttons']>,
  press: (title: string, payload: string | undefined) => void,
): HTMLElement {
  const made = buttons.map(({ title, payload }) =>
    element('button', { type: 'button', textContent: title, onclick: () => press(title, payload) }),
  );
  return element('div', { className: 'choices' }, {}, ...made);
}
