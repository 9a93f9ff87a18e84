/** A function of the database with other words in it, changed by its owner. What isn't there any more can't be changed, and throws. */
import type { Pool } from '../../../store/connection.ts';
import type { Arena } from '../arena.ts';
import type { Defect, Undo } from './defect.ts';

/** All of them: what function says which words. */
export const wordsToChange: { name: string; words: string }[] = [];

/** `changes`: what stands there, and what stands there instead, wherever it does. */
export function carelessChange(name: string, changes: Record<string, string>): Defect['plant'] {
  wordsToChange.push(...Object.keys(changes).map((words) => ({ name, words })));
  return async ({ admin }: Arena): Promise<Undo> => {
    const text = await definitionOf(admin, name);
    await admin.query(
      Object.entries(changes).reduce((so, [words, instead]) => changed(name, so, words, instead), text),
    );
    return async () => {
      await admin.query(text);
    };
  };
}

function changed(name: string, text: string, words: string, instead: string): string {
  if (!text.includes(words)) throw new Error(`${name} says “${words}” nowhere: the defect has to be planted otherwise`);
  return text.replaceAll(words, () => instead);
}

async function definitionOf(admin: Pool, name: string): Promise<string> {
  const { rows } = await admin.query<{ text: string }>(
    `SELECT pg_get_functiondef(oid) AS text FROM pg_proc WHERE proname = $1 AND pronamespace = 'public'::regnamespace`,
    [name],
  );
  const [found] = rows;
  if (rows.length !== 1 || found === undefined)
    throw new Error(`of the name ${name} there are ${rows.length} functions`);
  return found.text;
}
