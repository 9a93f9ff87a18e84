/**
 * Why the command could not look, by the code of what was thrown: a server that is away wants another mend than one that
 * refuses. No secret of a setting stands in it: drivers name hosts and codes, and that is what an operator needs.
 */
import type { TemporalTrouble } from '../../courier/trouble.ts';
import { socketCodes } from '../../store/failures.ts';
import { Unusable, variableOf, type Env } from './settings.ts';

export function wordsFor(error: unknown, env: Env): string {
  if (error instanceof Unusable) return error.message;
  const { code, message } = error as { code?: unknown; message?: unknown };
  const trouble = databaseTrouble(error);
  if (trouble !== null) {
    const [what, advice] = trouble;
    const named = `The database that ${variableOf(env, 'BATON_DATABASE_URL')} names ${what}`;
    return `${named}${typeof code === 'string' ? ` (${code})` : ''}. ${advice}`;
  }
  const known = [typeof code === 'string' && code, typeof message === 'string' && message].filter(Boolean);
  return `baton: ${known.join(': ') || 'failed'}`;
}

type Trouble = [what: string, advice: string];

/** null: it is not the database's. */
function databaseTrouble(error: unknown): Trouble | null {
  const { code, message, syscall } = error as { code?: unknown; message?: unknown; syscall?: unknown };
  // Only the database is asked over a socket of Node's; Temporal has a client, and words, of its own.
  if (socketCodes.has(code) && (syscall !== undefined || error instanceof AggregateError)) return away;
  if (message === 'The server does not support SSL connections') return noTls;
  if (typeof code !== 'string') return null;
  return tlsCodes.test(code) ? noTls : (sqlStates[code] ?? null);
}

const away: Trouble = [
  'can’t be reached',
  'Is it running? With npm run dev: source .baton/dev/shell.sh in this terminal.',
];

const noTls: Trouble = [
  'and this command can’t agree on TLS',
  'What does its sslmode say, and who signed the server’s certificate?',
];
const tlsCodes = /^(ERR_TLS_|ERR_SSL_|CERT_|EPROTO$|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT|UNABLE_TO_)/;

const noLogin: Trouble = ['refuses the login', 'Are its name and password right, and has baton migrate set them?'];
const noSchema: Trouble = ['has not the schema of this build', 'Its owner brings it there, with baton migrate.'];

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const sqlStates: Record<string, Trouble> = {
  '28000': noLogin,
  '28P01': noLogin,
  '3D000': ['is not there, though its server is', 'Is its name right?'],
  '3F000': noSchema,
  '42P01': noSchema,
  '42703': noSchema,
  '42883': noSchema,
  '42501': ['does not let this login look', 'The worker’s may; to migrate, it must be the owner’s.'],
  '53300': ['has no connection free', 'Try again.'],
  '57P03': ['is starting up, or shutting down', 'Try again.'],
};

export interface AskedTemporal {
  address: string;
  /** The variable that names the address. */
  variable: string;
  namespace: string;
}

export function temporalUnusable(trouble: TemporalTrouble, { address, variable, namespace }: AskedTemporal): Unusable {
  const without = `Without ${variable}, exported histories are looked at.`;
  switch (trouble) {
    case 'away':
      return new Unusable(`Temporal does not answer at ${address}, which ${variable} names. Is it running? ${without}`);
    case 'refused':
      return new Unusable(
        `Temporal at ${address}, which ${variable} names, does not let this command look. ${without}`,
      );
    case 'no-namespace':
      return new Unusable(
        `Temporal at ${address}, which ${variable} names, has no namespace ${namespace} (TEMPORAL_NAMESPACE). ${without}`,
      );
  }
}
