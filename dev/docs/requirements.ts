/** The list of requirements, held against what cites it: every id that is named is listed, and proved or said not to be. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectDir } from '../home.ts';
import type { Page } from './pages.ts';

export interface Cited {
  /** Path within the project. */
  file: string;
  id: string;
}

const idPattern = /\b(?:S[0-4]-\d{1,2}|B-\d{1,2}|R\d{1,2}|P\d{1,2}b?)\b/g;
const row = /^\| ([A-Z]\w*(?:-\d+)?) \| .+ \| (not yet)? ?\|$/gm;

/** What is wrong with the list, a line each. */
export function requirementComplaints({ name, text }: Page, cited: Cited[]): string[] {
  const listed = new Map([...text.matchAll(row)].map(([, id = '', open]) => [id, open === undefined]));
  const proved = new Set(cited.filter(({ file }) => file.startsWith('test/')).map(({ id }) => id));
  const unknown = cited.filter(({ id }) => !listed.has(id));
  return [
    ...unknown.map(({ file, id }) => `${name}: ${file} names ${id}, which is not listed`),
    ...[...listed].flatMap(([id, isProved]) => {
      if (isProved === proved.has(id)) return [];
      return [
        `${name}: ${isProved ? `no test names ${id}; say “not yet”` : `a test names ${id}; take “not yet” away`}`,
      ];
    }),
  ];
}

const folders = 'activities adapters api courier dev docs process store test worker workflows'.split(' ');
const isRead = (file: string): boolean => /\.(ts|sql|md)$/.test(file) && file !== 'docs/requirements.md';

/** Everywhere but in the list itself. */
export function findCited(): Cited[] {
  const below = folders.flatMap((folder) =>
    readdirSync(join(projectDir, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  );
  const pages = readdirSync(projectDir);
  return [...below, ...pages].filter(isRead).flatMap((file) => {
    const text = readFileSync(join(projectDir, file), 'utf8');
    return [...new Set(text.match(idPattern))].map((id) => ({ file, id }));
  });
}
