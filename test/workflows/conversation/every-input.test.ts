/**
 * R12 in small: what every state makes of every input; the types say that none is missing. Each cell is written out and was
 * judged on its own; where a state lacks what an input is about (`cells.ts` looks for a scene that has it), the cell says
 * how it is turned away.
 */
import { expect, test } from 'vitest';
import { cell, columns, phaseOf, scenes, type ColumnName, type Outcomes, type SceneName } from './cells.ts';
import { commands } from './every-input/commands.ts';
import { deadlines } from './every-input/deadlines.ts';
import { rows } from './every-input/rows.ts';
import { work } from './every-input/work.ts';

const expected: Record<ColumnName, Outcomes> = { ...rows, ...commands, ...deadlines, ...work };

const names = Object.keys(scenes) as SceneName[];
const inputs = Object.keys(expected) as ColumnName[];

test.each(names)('the scenes of %s are in that state', (name) => {
  for (const { state } of scenes[name]) {
    expect(state.phase.name).toBe(phaseOf(name));
    expect(state.session === null).toBe(name === 'over');
  }
});

const cells = inputs.flatMap((input) => names.map((name) => [input, name] as const));

test.each(cells)('%s in %s comes to exactly what the table says', (input, name) => {
  expect(cell(name, columns[input])).toBe(expected[input][name]);
});
