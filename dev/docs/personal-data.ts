import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectDir } from '../home.ts';

const comment = /^COMMENT ON COLUMN (\w+)\.(\w+) IS 'personal: (\w+): ((?:[^']|'')+)';$/gm;

/** What the migrations say of columns that can hold something of a person, as a table of Markdown. */
export function personalDataTable(): string {
  const folder = join(projectDir, 'store', 'migrations');
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  const sql = files.toSorted().map((name) => readFileSync(join(folder, name), 'utf8'));
  const rows = [...sql.join('\n').matchAll(comment)].map(
    ([, table = '', column = '', whose = '', what = '']) =>
      `| \`${table}.${column}\` | ${whose} | ${what.replaceAll("''", '’')} |`,
  );
  return ['| column | whose | what |', '|---|---|---|', ...rows].join('\n');
}
