/** What the command takes from its surroundings. Never printed. */
import * as settings from '../../process/settings.ts';

export { variableOf, type Env } from '../../process/settings.ts';

/** The command can't do what it was asked; nothing was found to be wrong. Exit code 2. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
}

/** Empty is as good as not there. */
export function readSetting(env: settings.Env, name: string): string | undefined {
  try {
    return settings.readSetting(env, name) || undefined;
  } catch (error) {
    throw new Unusable((error as Error).message, { cause: error });
  }
}

export function requireSetting(env: settings.Env, name: string, what: string): string {
  const value = readSetting(env, name);
  if (value === undefined) throw new Unusable(`Set ${name} (or ${name}_FILE): ${what}.`);
  return value;
}
