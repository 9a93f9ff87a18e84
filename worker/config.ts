/** The worker's settings, from the environment or from files (`NAME_FILE`); never printed. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const whole = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

const schema = z.object({
  /** The worker's role (`baton_worker`): no superuser, owns nothing, bound by row-level security. */
  BATON_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  TEMPORAL_ADDRESS: z.string().min(1).default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  BATON_TASK_QUEUE: z.string().min(1).default('baton'),
  /** Where bots reach the API. */
  BATON_PUBLIC_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:8080'),
  /** Signs the tokens that bots use for late answers; the API has the same. */
  BATON_TOKEN_KEY: z.string().min(32, 'needs at least 32 characters'),
  BATON_BUILD: z.string().min(1).default('dev'),
  /** Conversations kept in memory: about 120 KB each. */
  BATON_CACHED_WORKFLOWS: whole(2_000, 1, 1_000_000),
  BATON_DATABASE_POOL: whole(20, 1, 500),
  /** Of liveness, readiness and metrics. */
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: whole(9_464, 0, 65_535),
  BATON_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** File that `baton bundle` wrote; without it the bundle is built at the start. */
  BATON_WORKFLOW_BUNDLE: z.string().optional(),
});

export type WorkerConfig = z.infer<typeof schema>;

/** Throws with the names of all that is missing or wrong, never with a value. */
export function readConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const values = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, valueOf(env, name)]));
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`);
  throw new Error(`The settings are not usable.\n${wrong.join('\n')}`);
}

function valueOf(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  if (file === undefined) return env[name];
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new Error(`${name}_FILE names a file that can't be read.`);
  }
}
