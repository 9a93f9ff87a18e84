import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { projectDir } from '../home.ts';
import { type Page, remade } from './pages.ts';
import { findCited, requirementComplaints } from './requirements.ts';

/** What is wrong with a page, a line each; whoever reads it should know what to do. */
export async function complaintsAbout(page: Page): Promise<string[]> {
  return [
    ...outdated(page),
    ...deadLinks(page),
    ...missingPaths(page),
    ...(await unknownScripts(page)),
    ...(page.name === 'ARCHITECTURE.md' ? await otherTables(page) : []),
    ...(page.name === 'docs/requirements.md' ? requirementComplaints(page, findCited()) : []),
  ];
}

function outdated(page: Page): string[] {
  return remade(page) === page.text ? [] : [`${page.name}: a made part is not what the code makes; run npm run docs`];
}

/** `[words](path#heading)` within this repository. */
function deadLinks({ name, text, path }: Page): string[] {
  const links = [...withoutCode(text).matchAll(/\]\((?!https?:|mailto:)([^)#]*)(#[^)]*)?\)/g)];
  return links.flatMap(([, file = '', heading]) => {
    const target = file === '' ? path : join(dirname(path), file);
    if (!existsSync(target)) return [`${name}: the link to ${file} leads nowhere`];
    const known = file === '' && heading !== undefined ? anchorsOf(text) : null;
    return known && !known.includes(heading?.slice(1) ?? '') ? [`${name}: there is no heading for ${heading}`] : [];
  });
}

function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Paths in `code` that begin with a folder of this repository, but for those with a <blank> to fill in. */
function missingPaths({ name, text }: Page): string[] {
  const folders = 'activities|adapters|api|courier|dev|docs|process|store|test|worker|workflows';
  const paths = [...text.matchAll(new RegExp(`\`((?:${folders})/[\\w./-]*)\``, 'g'))].map(([, path = '']) => path);
  return paths.filter((path) => !isThere(path)).map((path) => `${name}: there is no ${path}`);
}

/** `api/routes/feed` is said of `api/routes/feed.ts`. */
function isThere(path: string): boolean {
  return existsSync(join(projectDir, path)) || existsSync(join(projectDir, `${path}.ts`));
}

async function unknownScripts({ name, text }: Page): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(projectDir, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script);
  return [...new Set(named)]
    .filter((script) => scripts[script] === undefined)
    .map((script) => `${name}: there is no script ${script}`);
}

/** The page lists every table there is, and no other. */
async function otherTables({ name, text }: Page): Promise<string[]> {
  const dir = join(projectDir, 'store', 'migrations');
  const files = (await readdir(dir)).filter((file) => file.endsWith('.sql'));
  const sql = (await Promise.all(files.map((file) => readFile(join(dir, file), 'utf8')))).join('\n');
  const made = [...sql.matchAll(/^CREATE TABLE (\w+)/gm)].map(([, table = '']) => table);
  const dropped = [...sql.matchAll(/^DROP TABLE (\w+)/gm)].map(([, table = '']) => table);
  const tables = made.filter((table) => !dropped.includes(table));

  const section = /^## Tables$[^]*?(?=^## )/m.exec(text)?.[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  const listed = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, table = '']) => table),
  );
  return [
    ...tables.filter((table) => !listed.includes(table)).map((table) => `${name}: the table ${table} is not listed`),
    ...listed.filter((table) => !tables.includes(table)).map((table) => `${name}: there is no table ${table}`),
  ];
}

/** What stands in fences and backticks is no link. */
const withoutCode = (text: string): string => text.replaceAll(/```[^]*?```/g, '').replaceAll(/`[^`\n]*`/g, '');
