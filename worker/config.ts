/** Settings of the worker's process. */
import { z } from 'zod';
import { common, postgresUrl, readSettings, secrets, whole } from '../process/settings.ts';
import { readSigner } from './audit/checkpoints/keys.ts';
import { type TemporalServer, temporalServer, temporalSettings } from '../process/temporal.ts';

const canSign = (text: string): boolean => {
  try {
    readSigner(text);
    return true;
  } catch {
    return false;
  }
};

/** As Temporal allows them. */
const deploymentName = z.string().regex(/^(?!__)[^.:]+$/, 'has neither dots nor colons, and does not begin with __');

const fields = z.object({
  ...common,
  ...temporalSettings,
  /** The worker's role (`baton_worker`): no superuser, owns nothing, bound by row-level security. */
  BATON_DATABASE_URL: postgresUrl,
  TEMPORAL_ADDRESS: z.string().min(1).default('127.0.0.1:7233'),
  /** Where bots reach the API. */
  BATON_PUBLIC_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:8080'),
  /** The first signs the tokens that bots use for late answers; the API has the same, and says what a change of it means. */
  BATON_TOKEN_KEY: secrets,
  /** `true`: channels, bots and desks are not called on this host and its networks, for accounts that aren't one's own. */
  BATON_PUBLIC_ADDRESSES_ONLY: z.enum(['true', 'false']).default('false'),
  /** Signs checkpoints: an Ed25519 key in PKCS #8, as PEM or its base64. Without it there are none. */
  BATON_CHECKPOINT_KEY: z.string().refine(canSign, 'an Ed25519 key (openssl genpkey -algorithm ed25519)').optional(),
  BATON_BUILD: z.string().min(1).default('dev'),
  /** Conversations stay with their build until they come to an idle point (docs/upgrading.md). Without it any worker takes any. */
  BATON_DEPLOYMENT: deploymentName.optional(),
  /** Conversations kept in memory: about 120 KB each. */
  BATON_CACHED_WORKFLOWS: whole(2_000, 1, 1_000_000),
  BATON_DATABASE_POOL: whole(20, 1, 500),
  /** Of liveness, readiness and metrics, at `HOST`. */
  PORT: whole(9_464, 0, 65_535),
  /** host:port (an address) where Prometheus finds the Temporal SDK's own metrics; without it they are not kept. */
  BATON_TEMPORAL_METRICS: z
    .string()
    .regex(/^\S+:\d+$/, 'needs to be address:port')
    .optional(),
  /** File that `baton bundle` wrote; without it the bundle is built at the start. */
  BATON_WORKFLOW_BUNDLE: z.string().optional(),
});

const schema = fields.refine(({ BATON_DEPLOYMENT, BATON_BUILD }) => !BATON_DEPLOYMENT || BATON_BUILD !== 'dev', {
  path: ['BATON_BUILD'],
  error: 'names this build, where BATON_DEPLOYMENT says of what; of two that are not the same code, no two alike',
});

export interface WorkerConfig extends z.infer<typeof schema> {
  temporal: TemporalServer;
}

/** Throws with the names of all that is missing or wrong, never with a value. */
export function readConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const settings = readSettings(schema, env);
  return { ...settings, temporal: temporalServer(settings.TEMPORAL_ADDRESS, settings) };
}
