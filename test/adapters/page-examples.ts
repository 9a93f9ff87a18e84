/** The JSON of a page, each block with what its fence says of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectDir } from '../../dev/home.ts';

export interface Example {
  /** What stands behind `json` on the fence: `bot.turn.requested answer`. Empty: a call, named by its own `type`. */
  of: string;
  value: unknown;
}

/** A call or an event, as it goes over the wire. */
export interface Item {
  type: string;
  timestamp: string;
  data: unknown;
}

export function examplesIn(page: string): Example[] {
  return blocksIn(page, 'json').map(({ of, body }) => ({ of, value: JSON.parse(body) as unknown }));
}

/** Fenced blocks of one language, in order. */
export function blocksIn(page: string, language: string): { of: string; body: string }[] {
  const text = readFileSync(join(projectDir, page), 'utf8');
  const fences = text.matchAll(new RegExp(`^\`\`\`${language}(?: (.+))?\\n([^]*?)^\`\`\`$`, 'gm'));
  return [...fences].map(([, of = '', body = '']) => ({ of, body }));
}

/** Every text and number within, as text. */
export function leavesOf(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leavesOf);
  return typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
}
