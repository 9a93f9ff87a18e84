import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { complaintsAbout } from '../../dev/docs/complaints.ts';
import { remade, type Page } from '../../dev/docs/pages.ts';
import { requirementComplaints } from '../../dev/docs/requirements.ts';
import { stateDiagram } from '../../dev/docs/state-diagram.ts';
import { projectDir } from '../../dev/home.ts';
import { walkEdges } from '../../dev/scenes/walk.ts';

const page = (text: string, name = 'README.md'): Page => ({ name, path: join(projectDir, name), text });

describe('a page', () => {
  test('is in order where all that it names is there', async () => {
    const text = '# Title\n[words](#title) [more](docs/channels.md) `api/app.ts` `courier/` npm run check\n';
    expect(await complaintsAbout(page(text))).toEqual([]);
  });

  test.each([
    ['a link to a file that is not there', '[words](docs/nowhere.md)', 'docs/nowhere.md'],
    ['a link to a heading that is not there', '# Title\n[words](#other)', '#other'],
    ['a path that is not there', '`api/nowhere.ts`', 'api/nowhere.ts'],
    ['a script that is not there', 'npm run nothing', 'nothing'],
  ])('is complained of for %s', async (_what, text, named) => {
    const complaints = await complaintsAbout(page(text));
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toContain(named);
  });

  test('whose made part is out of date is complained of, and made anew', async () => {
    const old = page('<!-- made:state-diagram -->\nold\n<!-- /made -->\n');
    expect(await complaintsAbout(old)).toEqual([expect.stringContaining('npm run docs')]);
    const text = remade(old);
    expect(text).toContain(stateDiagram());
    expect(remade(page(text))).toBe(text);
  });

  test('that wants a part which nobody makes is an error', () => {
    expect(() => remade(page('<!-- made:nothing -->\n<!-- /made -->'))).toThrow('nothing');
  });

  test('ARCHITECTURE.md is complained of for each table that it leaves out or makes up', async () => {
    const complaints = await complaintsAbout(page('## Tables\n| `made_up` | source | |\n## Next\n', 'ARCHITECTURE.md'));
    expect(complaints).toContain('ARCHITECTURE.md: there is no table made_up');
    expect(complaints).toContain('ARCHITECTURE.md: the table conversations is not listed');
  });
});

describe('The list of requirements', () => {
  const list = page('| X0-1 | One thing | |\n| Y2 | Another | not yet |\n', 'docs/requirements.md');
  const proved = [{ file: 'test/one.test.ts', id: 'X0-1' }];

  test('is in order where every id is listed, and named by a test or said not to be', () => {
    expect(requirementComplaints(list, [...proved, { file: 'api/app.ts', id: 'Y2' }])).toEqual([]);
  });

  test.each([
    ['an id that is named and not listed', [...proved, { file: 'api/app.ts', id: 'Y3' }], 'api/app.ts names Y3'],
    ['an id that no test names', [{ file: 'api/app.ts', id: 'X0-1' }], 'no test names X0-1'],
    ['a “not yet” that is over', [...proved, { file: 'test/two.test.ts', id: 'Y2' }], 'a test names Y2'],
  ])('is complained of for %s', (_what, cited, says) => {
    expect(requirementComplaints(list, cited)).toEqual([expect.stringContaining(says)]);
  });
});

test('the state diagram has a line for each edge of the walk, and each in words', () => {
  const lines = stateDiagram().split('\n').slice(2, -1);
  expect(lines).toHaveLength(walkEdges().length);
  for (const line of lines) expect(line).toMatch(/^ {4}(\[\*\]|\w+) --> \w+: [\p{L}’, ]+$/u);
});
