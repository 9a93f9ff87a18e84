/** Where the command writes, and how: plain, with colours only for a person who looks on. */
import { styleText } from 'node:util';
import type { Env } from './settings.ts';

export interface Io {
  /** One line. */
  out(line: string): void;
  err(line: string): void;
  env: Env;
  colours: boolean;
}

export function processIo(): Io {
  // Whoever read (a pager, `head`) has seen enough, and what was not looked at yet will not be.
  process.stdout.on('error', () => process.exit(2));
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    env: process.env,
    colours: process.stdout.isTTY && !process.env['NO_COLOR'],
  };
}

export type Style = Parameters<typeof styleText>[0];

export function styled({ colours }: Io, style: Style, text: string): string {
  return colours ? styleText(style, text) : text;
}

/**
 * One line, whatever people wrote: words must neither break a line nor command a terminal, and what turns the direction of
 * writing could make a line read as another.
 */
export function oneLine(text: string): string {
  return text.replace(/\r?\n/g, ' ⏎ ').replace(/[\p{Cc}\p{Bidi_Control}]/gu, '·');
}
