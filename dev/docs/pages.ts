import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectDir } from '../home.ts';
import { capabilitiesTable } from './capabilities.ts';
import { personalDataTable } from './personal-data.ts';
import { stateDiagram } from './state-diagram.ts';

/** Every page of this repository that somebody wrote for people. */
export const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/channels.md',
  'docs/chaos.md',
  'docs/opening-hours.md',
  'docs/operations.md',
  'docs/own-bot-and-channel.md',
  'docs/requirements.md',
  'docs/signed-http.md',
  'docs/web-chat.md',
];

/** Parts of pages that are made from the code: between `<!-- made:name -->` and `<!-- /made -->`. */
const made: Record<string, () => string> = {
  'state-diagram': stateDiagram,
  capabilities: capabilitiesTable,
  'personal-data': personalDataTable,
};

export interface Page {
  name: string;
  path: string;
  text: string;
}

export async function readPage(name: string): Promise<Page> {
  const path = join(projectDir, name);
  return { name, path, text: await readFile(path, 'utf8') };
}

/** The page with every made part made anew. */
export function remade({ name, text }: Page): string {
  return text.replaceAll(
    /(<!-- made:([\w-]+) -->\n)[^]*?(<!-- \/made -->)/g,
    (_all, begin: string, part: string, end: string) => {
      const make = made[part];
      if (!make) throw new Error(`${name} wants the part “${part}”, which nobody makes`);
      return `${begin}\n${make()}\n\n${end}`;
    },
  );
}
