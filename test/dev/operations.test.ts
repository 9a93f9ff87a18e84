/** The page for operators names every setting and every metric that there is, and none that there isn't. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { projectDir } from '../../dev/home.ts';

let page: string;
beforeAll(async () => (page = await readFile(join(projectDir, 'docs/operations.md'), 'utf8')));

const source = (path: string): Promise<string> => readFile(join(projectDir, path), 'utf8');

/** Names in the table under this heading, in backticks before the second bar. */
function namesUnder(heading: string, pattern: RegExp): string[] {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| `'));
  return rows
    .flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(pattern)].map(([, name]) => name ?? ''))
    .toSorted();
}

test('settings', async () => {
  const files = ['api/config.ts', 'worker/config.ts', 'process/settings.ts', 'process/temporal.ts'];
  const texts = await Promise.all(files.map(source));
  const known = texts.flatMap((text) => [...text.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name ?? ''));
  expect(namesUnder('Settings', /`([A-Z_]+)`/g)).toEqual([...new Set(known)].toSorted());
});

test('metrics', async () => {
  const known: string[] = [];
  for (const folder of ['api', 'worker']) {
    for (const file of await readdir(join(projectDir, folder), { recursive: true })) {
      if (!file.endsWith('.ts')) continue;
      const text = await source(join(folder, file));
      known.push(...[...text.matchAll(/'(baton_[a-z]+_[a-z_]+)'/g)].map(([, name]) => name ?? ''));
    }
  }
  expect(namesUnder('What to watch', /`(baton_[a-z_]+)`/g)).toEqual([...new Set(known)].toSorted());
});
