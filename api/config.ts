/** Settings of the API's process. */
import { z } from 'zod';
import { common, list, postgresUrl, readSettings, secret, secrets, whole } from '../process/settings.ts';
import { type TemporalServer, temporalServer, temporalSettings } from '../process/temporal.ts';

const settings = z.object({
  ...common,
  ...temporalSettings,
  /** The API's role (`baton_api`): no superuser, owns nothing, bound by row-level security. */
  BATON_DATABASE_URL: postgresUrl,
  /** The courier's role, which sees places and cursors of every account, and no words. */
  BATON_COURIER_DATABASE_URL: postgresUrl,
  /** Connections to Postgres, at most. */
  BATON_DATABASE_CONNECTIONS: whole(10, 1, 500),
  TEMPORAL_ADDRESS: z.string().min(1),
  /** Where people and outside systems reach this API. */
  BATON_PUBLIC_URL: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/$/, '')),
  /** Keys of agents' tokens: the first signs, all verify. To rotate put a new one in front and drop the last later. */
  BATON_JWT_KEYS: secrets,
  /**
   * Keys of the tokens that the engine hands to bots, and of the digests under which commands are known: the first makes
   * them, all recognize them. Without the key that made it a bot's late answer is refused, and a command of the last 24 h
   * that is sent again, under the same `Idempotency-Key`, is a new one. How to rotate it: docs/security.md.
   */
  BATON_TOKEN_KEY: secrets,
  /** Whoever has it may create accounts. */
  BATON_OPERATOR_KEY: secret,
  /** Asked of `/metrics`; without it everybody who reaches the port can read them (they name no account). */
  BATON_METRICS_KEY: secret.optional(),
  PORT: whole(8080, 0, 65_535),
  /** Origins of browsers. There are no cookies, so `*` gives nobody anything that they didn't have. */
  BATON_CORS_ORIGINS: list.pipe(z.array(z.string()).min(1)).default(['*']),
  /** Behind a proxy: whose `X-Forwarded-For` to believe (addresses or networks). */
  BATON_TRUSTED_PROXIES: list.default([]),
  /** Requests per minute of a key or agent; each process counts for itself. */
  BATON_RATE_PER_KEY: whole(30_000, 1, 10_000_000),
  /** Of an address that shows no key: visitors, and whoever tries. Outside systems' webhooks: 40 times as many, for each account. */
  BATON_RATE_PER_ADDRESS: whole(3_000, 1, 10_000_000),
  /** Bytes of a request's body. */
  BATON_BODY_LIMIT: whole(1_048_576, 1_024, 104_857_600),
  /** Within which a request has arrived, headers and body; then 408, and the connection is closed. */
  BATON_REQUEST_TIMEOUT_SECONDS: whole(30, 1, 600),
  /** After SIGTERM: how long all that comes is still answered, while whoever sends requests learns from `/readyz` to send none. */
  BATON_DRAIN_SECONDS: whole(5, 0, 300),
  /** Rows waiting for the courier past which nothing more is accepted. */
  BATON_BACKLOG_LIMIT: whole(50_000, 1, 100_000_000),
  /** Event loop's delay past which requests are turned away with 503; 0: never. */
  BATON_MAX_EVENT_LOOP_DELAY_MS: whole(1_000, 0, 60_000),
  /** How long an agent's token is valid, and how long a presence lease lasts. */
  BATON_AGENT_TOKEN_MINUTES: whole(12 * 60, 1, 30 * 24 * 60),
  BATON_PRESENCE_LEASE_SECONDS: whole(60, 5, 3_600),
});
type Settings = z.output<typeof settings>;

/** What the app itself needs; the rest is the process's. */
export interface ApiConfig {
  publicUrl: string;
  jwtKeys: readonly string[];
  tokenKey: string;
  /** What they made is still known. */
  earlierTokenKeys: readonly string[];
  operatorKey: string;
  metricsKey: string | undefined;
  corsOrigins: readonly string[];
  trustedProxies: readonly string[];
  ratePerKey: number;
  ratePerAddress: number;
  bodyLimit: number;
  requestTimeoutMs: number;
  maxEventLoopDelayMs: number;
  agentTokenMs: number;
  presenceLeaseMs: number;
}

export interface ProcessConfig {
  api: ApiConfig;
  databaseUrl: string;
  courierDatabaseUrl: string;
  databaseConnections: number;
  temporal: TemporalServer & { taskQueue: string };
  host: string;
  port: number;
  logLevel: Settings['BATON_LOG_LEVEL'];
  backlogLimit: number;
  drainMs: number;
}

/** Throws with the names of all that is wrong, never with a value. */
export const readConfig = (environment: NodeJS.ProcessEnv): ProcessConfig =>
  arrange(readSettings(settings, environment));

function arrange(from: Settings): ProcessConfig {
  const [tokenKey, ...earlierTokenKeys] = from.BATON_TOKEN_KEY;
  return {
    api: {
      publicUrl: from.BATON_PUBLIC_URL,
      jwtKeys: from.BATON_JWT_KEYS,
      tokenKey,
      earlierTokenKeys,
      operatorKey: from.BATON_OPERATOR_KEY,
      metricsKey: from.BATON_METRICS_KEY,
      corsOrigins: from.BATON_CORS_ORIGINS,
      trustedProxies: from.BATON_TRUSTED_PROXIES,
      ratePerKey: from.BATON_RATE_PER_KEY,
      ratePerAddress: from.BATON_RATE_PER_ADDRESS,
      bodyLimit: from.BATON_BODY_LIMIT,
      requestTimeoutMs: from.BATON_REQUEST_TIMEOUT_SECONDS * 1_000,
      maxEventLoopDelayMs: from.BATON_MAX_EVENT_LOOP_DELAY_MS,
      agentTokenMs: from.BATON_AGENT_TOKEN_MINUTES * 60_000,
      presenceLeaseMs: from.BATON_PRESENCE_LEASE_SECONDS * 1_000,
    },
    databaseUrl: from.BATON_DATABASE_URL,
    courierDatabaseUrl: from.BATON_COURIER_DATABASE_URL,
    databaseConnections: from.BATON_DATABASE_CONNECTIONS,
    temporal: { ...temporalServer(from.TEMPORAL_ADDRESS, from), taskQueue: from.BATON_TASK_QUEUE },
    host: from.HOST,
    port: from.PORT,
    logLevel: from.BATON_LOG_LEVEL,
    backlogLimit: from.BATON_BACKLOG_LIMIT,
    drainMs: from.BATON_DRAIN_SECONDS * 1_000,
  };
}
