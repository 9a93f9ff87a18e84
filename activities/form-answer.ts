/**
 * Is this an answer to the field that was asked? Pure. What is stored is what was meant: the option for its number, an
 * address without the spaces around it, a phone number in digits.
 */
import type { Content } from '../adapters/contract/content.ts';
import { cancelWords, skipWords, sameWord } from '../store/form-words.ts';
import type { FormField } from '../store/policies.ts';

export type Checked = { kind: 'valid'; value: string } | { kind: 'invalid' } | { kind: 'cancel' };

const longest = 2_000;

export function checkFormAnswer(field: FormField, content: Content | null): Checked {
  const text = content?.text?.trim() ?? '';
  const pressed = content?.payload?.trim() ?? '';
  if ((field.cancelWords ?? cancelWords).some((word) => sameWord(word, text))) return { kind: 'cancel' };
  if (!field.required && skipWords.some((word) => sameWord(word, text))) return { kind: 'valid', value: '' };
  const value = valueOf(field, text, pressed);
  return value === null ? { kind: 'invalid' } : { kind: 'valid', value };
}

function valueOf(field: FormField, text: string, pressed: string): string | null {
  if (field.type === 'choice') return optionOf(field.options ?? [], text, pressed);
  if (text === '' || text.length > longest) return null;
  switch (field.type) {
    case 'text':
      return text;
    case 'email':
      return emailOf(text);
    case 'phone':
      return phoneOf(text);
    case 'number':
      return /^[+-]?\d{1,15}([.,]\d{1,15})?$/.test(text) ? text.replace(',', '.') : null;
  }
}

function optionOf(options: string[], text: string, pressed: string): string | null {
  const byNumber = /^\d{1,3}[.)]?$/.test(text) ? options[Number.parseInt(text, 10) - 1] : undefined;
  return options.find((one) => sameWord(one, pressed) || sameWord(one, text)) ?? byNumber ?? null;
}

/** Somebody, at, a domain with a dot in it: whether it exists shows when it is written to. */
function emailOf(text: string): string | null {
  const [local, domain, ...more] = text.split('@');
  if (!local || !domain || more.length > 0 || /\s/.test(text) || text.length > 254) return null;
  return /^[^.]+(\.[^.]+)+$/.test(domain) ? text : null;
}

/** E.164 has at most 15 digits; shorter than 7 is no subscriber anywhere. */
function phoneOf(text: string): string | null {
  if (!/^\+?[\d\s().\-/]+$/.test(text)) return null;
  const digits = text.replace(/\D/g, '');
  if (digits.length < 7 || digits.length > 15) return null;
  return text.startsWith('+') ? `+${digits}` : digits;
}
