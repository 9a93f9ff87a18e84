/** What the command takes from its surroundings: variables, or files that they name (`NAME_FILE`). Never printed. */
import { readFileSync } from 'node:fs';

export type Env = Record<string, string | undefined>;

/** The command can't do what it was asked; nothing was found to be wrong. Exit code 2. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
}

/** The variable that says it: the one with the value, or the one with the file. */
export function variableOf(env: Env, name: string): string {
  return env[`${name}_FILE`] === undefined ? name : `${name}_FILE`;
}

export function readSetting(env: Env, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  if (file === undefined) return env[name] || undefined;
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    throw new Unusable(`${name}_FILE names a file that can't be read.`);
  }
}

export function requireSetting(env: Env, name: string, what: string): string {
  const value = readSetting(env, name);
  if (value === undefined) throw new Unusable(`Set ${name} (or ${name}_FILE): ${what}.`);
  return value;
}
