/** Tells "Postgres can't be reached (now)" from a mistake of ours: the first passes, and callers should try again. */

const codes = new Set([
  // of the socket
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  // of the server: shutting down, starting up, out of connections, cancelled by a time limit, lost a deadlock
  '57P01',
  '57P02',
  '57P03',
  '57014',
  '25P03',
  '25P04',
  '53300',
  '55P03',
  '40001',
  '40P01',
]);

/** node-postgres throws these without a code. */
const messages = [
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
  if (typeof code === 'string' && (codes.has(code) || code.startsWith('08'))) {
    return true;
  }
  return messages.some((message) => error.message.startsWith(message)) || postgresIsAway(error.cause);
}
