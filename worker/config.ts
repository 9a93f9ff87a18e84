/** The worker's settings, from the environment or from files (`NAME_FILE`); never printed. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const schema = z.object({
  BATON_DATABASE_URL: z.string().min(1),
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  BATON_TASK_QUEUE: z.string().default('baton'),
  BATON_PUBLIC_URL: z.string().default('http://127.0.0.1:8080'),
  /** Signs the tokens that bots use for late answers; the API has the same. At least 32 characters. */
  BATON_TOKEN_KEY: z.string().min(32),
  BATON_BUILD: z.string().default('dev'),
  /** Conversations kept in memory: about 120 KB each. */
  BATON_CACHED_WORKFLOWS: z.coerce.number().int().positive().default(2_000),
  BATON_DATABASE_POOL: z.coerce.number().int().positive().default(20),
  /** Of liveness, readiness and metrics. */
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().nonnegative().default(9_464),
  BATON_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** File that `baton bundle` wrote; without it the bundle is built at the start. */
  BATON_WORKFLOW_BUNDLE: z.string().optional(),
});

export type WorkerConfig = z.infer<typeof schema>;

/** Throws with the names of what is missing or wrong, never with a value. */
export function readConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const values = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, valueOf(env, name)]));
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const names = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))];
  throw new Error(`Missing or invalid settings: ${names.join(', ')}`);
}

function valueOf(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  return file === undefined ? env[name] : readFileSync(file, 'utf8').trim();
}
