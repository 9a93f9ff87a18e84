/**
 * What the README's shell reads from an answer of the API on its standard input: one value (`field .items.0.id`), or what was
 * said, a line each (`lines`). A problem is told in words, and is an error.
 */
import { readFileSync } from 'node:fs';

interface Problem {
  status: number;
  code: string;
  title: string;
  detail?: string;
  issues?: { path: (string | number)[]; message: string }[];
}

interface Said {
  items: { author: { kind: string }; content: { text?: string } }[];
}

function main([what, path = '']: string[], text: string): string {
  const answer = read(text);
  if (isProblem(answer)) throw new Error(told(answer));
  return what === 'lines' ? lines(answer as Said) : field(answer, path);
}

function read(text: string): unknown {
  if (text === '') throw new Error('There was no answer.');
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`This is no answer of the API: ${text.slice(0, 200)}`);
  }
}

const isProblem = (answer: unknown): answer is Problem =>
  String((answer as { type?: unknown } | null)?.type).startsWith('/v1/problems/');

function told({ status, code, title, detail, issues = [] }: Problem): string {
  const wrong = issues.map(({ path, message }) => `\n  ${path.join('.')}: ${message}`);
  return `${status} ${code}: ${title}.${detail === undefined ? '' : ` ${detail}`}${wrong.join('')}`;
}

const lines = ({ items }: Said): string =>
  items.map(({ author, content }) => `${author.kind}: ${content.text ?? ''}\n`).join('');

function field(answer: unknown, path: string): string {
  const names = path.split('.').slice(1);
  const value = names.reduce<unknown>((whole, name) => (whole as Record<string, unknown> | undefined)?.[name], answer);
  if (value === undefined) throw new Error(`There is no ${path} in ${JSON.stringify(answer)}`);
  return `${typeof value === 'string' ? value : JSON.stringify(value)}\n`;
}

try {
  process.stdout.write(main(process.argv.slice(2), readFileSync(0, 'utf8')));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
