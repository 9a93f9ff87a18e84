/**
 * Names that others hold on to. The list beside this test only grows: whoever adds a name writes it down there, and one that
 * stands there is neither renamed nor taken out, whatever becomes of what it names.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { problems } from '../../../api/problem.ts';
import { usualNotices } from '../../../store/notices.ts';
import { sentences } from '../../../worker/audit/story/sentences.ts';
import { commandNames } from '../../../workflows/conversation/inputs.ts';
import { refusals } from '../../../workflows/conversation/refusals.ts';
import { columns } from './cells.ts';

interface Listed {
  why: string;
  names: string[];
}

const listed = JSON.parse(readFileSync(new URL('stable-names.json', import.meta.url), 'utf8')) as Record<
  string,
  Listed
>;

const present: Record<string, readonly string[]> = {
  problems: Object.keys(problems),
  events: Object.keys(sentences),
  commands: commandNames,
  // A command is an input of the same name.
  inputs: Object.keys(columns).filter((name) => !commandNames.some((command) => command === name)),
  refusals,
  notices: [...Object.keys(usualNotices), 'form-question'],
};

test('every kind of name is listed, and says who holds on to it', () => {
  expect(Object.keys(listed)).toEqual(Object.keys(present));
  expect(Object.values(listed).filter(({ why }) => why === '')).toEqual([]);
});

describe.each(Object.entries(present))('%s', (kind, names) => {
  const known = listed[kind]?.names ?? [];

  test('none that is listed was renamed or taken out', () => {
    expect(known.filter((name) => !names.includes(name))).toEqual([]);
  });

  test('each new one is listed, once', () => {
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
    expect(new Set(known).size).toBe(known.length);
  });
});
