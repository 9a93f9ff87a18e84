/**
 * How processes take their settings: from variables, or from files that those name (`NAME_FILE`). What is wrong or missing
 * is named, all of it at once; a value is never shown, nor logged.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

export type Env = Record<string, string | undefined>;

/** The variable that says it: the one with the value, or the one with the file. */
export const variableOf = (env: Env, name: string): string =>
  env[`${name}_FILE`] === undefined ? name : `${name}_FILE`;

/** Throws where a file is named that can't be read. */
export function readSetting(env: Env, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  if (file === undefined) return env[name];
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new Error(`${name}_FILE names a file that can't be read.`);
  }
}

export function readSettings<T extends z.ZodRawShape>(schema: z.ZodObject<T>, env: Env): z.output<z.ZodObject<T>> {
  const given = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, readSetting(env, name)]));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`);
  throw new Error(`The settings are not usable.\n${wrong.join('\n')}`);
}

export const whole = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

export const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });
export const secret = z.string().min(32, 'needs at least 32 characters');

/** Several in one variable, with commas or blanks between them. */
export const list = z.string().transform((text) => text.split(/[\s,]+/).filter((item) => item !== ''));
/** The first is the one in use; the others are still, or already, good. */
export const secrets = list.pipe(z.tuple([secret], secret));

/** Of every process; where Temporal is stands in temporal.ts. */
export const common = {
  BATON_TASK_QUEUE: z.string().min(1).default('baton'),
  HOST: z.string().min(1).default('127.0.0.1'),
  BATON_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
};
