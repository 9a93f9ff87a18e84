/**
 * What a failure says of Postgres: it is away, which passes, so callers should try again; or it refuses what it was given,
 * by its SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */

/** Why a server was not reached, in the codes of Node's sockets and resolver. */
export const socketCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);

const readOnlyTransaction = '25006';

const serverCodes = new Set([
  // shutting down, starting up, out of connections, cancelled by a time limit, lost a deadlock
  '57P01',
  '57P02',
  '57P03',
  '57014',
  '25P03',
  '25P04',
  // read-only for a while: fails over, or somebody's hand; its disk fails
  readOnlyTransaction,
  '58030',
  '55P03',
  '40001',
  '40P01',
]);

/** Classes: of connections; without room on its disk, in memory, or for another connection. */
const passing = /^(08|53)...$/;

/** node-postgres throws these without a code. */
const awayMessages = [
  'timeout exceeded when trying to connect',
  'Connection terminated',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
];

export function postgresIsAway(error: unknown): boolean {
  if (error instanceof AggregateError) {
    return error.errors.some(postgresIsAway);
  }
  if (!(error instanceof Error)) {
    return false;
  }
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && (socketCodes.has(code) || serverCodes.has(code) || passing.test(code))) {
    return true;
  }
  return awayMessages.some((message) => error.message.startsWith(message)) || postgresIsAway(error.cause);
}

export const uniqueViolation = '23505';
export const foreignKeyViolation = '23503';
export const deadlock = '40P01';

export function isReadOnly(error: unknown): error is Error {
  return hasState(error, readOnlyTransaction);
}

export function hasState(error: unknown, state: string): boolean {
  return error instanceof Error && 'code' in error && error.code === state;
}

/**
 * It refuses the very values (malformed, or against a constraint), and would refuse them for ever. A unique key is no such
 * case: two that came at once both try again, and one finds the other's row.
 */
export function refusesValues(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(22...|23502|23503|23514)$/.test(String(error.code));
}
