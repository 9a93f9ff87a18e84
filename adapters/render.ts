import type { Capabilities, Dir } from './contract/capabilities.ts';
import type { Attachment, Content } from './contract/content.ts';
import { plainText } from './plain-text.ts';
import { splitText } from './split-text.ts';

/**
 * What a channel can't show is degraded by these rules, or the whole message is refused; nothing is dropped in silence:
 *
 * 1. Markdown becomes plain text where the channel shows plain text.
 * 2. An attachment that the channel can't carry (kind, type or size) becomes a line of text with its address.
 * 3. Buttons that the channel can't show (none, too many, titles too long) become numbered lines of text.
 * 4. Text over the limit is cut into several messages, in order. Buttons and attachments go with the last.
 * 5. What no rule makes fit is refused as `unsupported-content`, and then no part is sent: half a message would be
 *    a silent loss of the other half.
 */
export function render(content: Content, capabilities: Capabilities): Rendered {
  const refused: Refused[] = [];
  const carried = (content.attachments ?? []).filter((one) => canCarry(one, capabilities));
  const asLinks = (content.attachments ?? []).filter((one) => !carried.includes(one));
  const buttons = content.buttons ?? [];
  const asNumbers = buttons.length > 0 && !canShow(buttons, capabilities);

  const { maxChars } = capabilities.text;
  const links = asLinks.map((one) => (one.name ? `${one.name}: ${one.url}` : one.url));
  links.forEach((line, no) => {
    if (line.length > maxChars) refused.push({ code: 'unsupported-content', what: 'attachment', no });
  });

  const markdown = content.markup === 'markdown' && capabilities.text.markup === 'markdown';
  const words = content.markup === 'markdown' && !markdown ? plainText(content.text ?? '') : (content.text ?? '');
  const numbers = asNumbers ? buttons.map(({ title }, no) => `${no + 1}. ${title}`) : [];
  const text = [words, links.join('\n'), numbers.join('\n')].filter((block) => block.trim() !== '').join('\n\n');

  if (text !== '' && !sends(capabilities.text.dir)) refused.push({ code: 'unsupported-content', what: 'text' });
  const rich = {
    ...(carried.length > 0 && { attachments: carried }),
    ...(buttons.length > 0 && !asNumbers && { buttons }),
  };
  if (text === '' && Object.keys(rich).length === 0) refused.push({ code: 'unsupported-content', what: 'nothing' });
  if (refused.length > 0) return { parts: [], refused };

  const texts = text === '' ? [] : splitText(text, maxChars);
  const parts: Content[] = texts.map((part) => ({ text: part, ...(markdown && { markup: 'markdown' as const }) }));
  return { parts: [...parts.slice(0, -1), { ...parts.at(-1), ...rich }], refused };
}

/** `parts` in order, or no part and at least one reason. */
export interface Rendered {
  parts: Content[];
  refused: Refused[];
}

export interface Refused {
  code: 'unsupported-content';
  what: 'text' | 'attachment' | 'nothing';
  /** Which of several. */
  no?: number;
}

function canCarry(attachment: Attachment, capabilities: Capabilities): boolean {
  const rule = capabilities.media[attachment.kind];
  if (!rule || !sends(rule.dir)) return false;
  if (rule.maxBytes !== undefined && (attachment.bytes ?? 0) > rule.maxBytes) return false;
  return !rule.mime || (attachment.mime !== undefined && rule.mime.includes(attachment.mime));
}

function canShow(buttons: { title: string }[], { buttons: rule }: Capabilities): boolean {
  return (
    rule.mode !== 'none' && buttons.length <= rule.max && buttons.every(({ title }) => title.length <= rule.titleMax)
  );
}

function sends(dir: Dir): boolean {
  return dir === 'send' || dir === 'both';
}
