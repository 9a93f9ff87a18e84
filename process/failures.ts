/**
 * What of an error may stand in a log, a metric or a history: its class, its code, and where it came from. Never its
 * message: databases and providers quote values in theirs, and addresses hold secrets.
 */
export interface FailureFacts {
  class: string;
  /** SQLSTATE, system code, or gRPC's number. */
  code?: string | number;
  /** Call sites only: the first lines of a stack repeat the message. */
  at?: string[];
}

/** Short, and free of what the error was about. */
const isCode = (text: unknown): text is string => typeof text === 'string' && /^[\w.-]{1,64}$/.test(text);

/** Of what is to be expected: somebody is away, or refuses. Clients wrap what they got: then the cause has the code. */
export function failureOf(error: unknown): FailureFacts {
  if (!(error instanceof Error)) return { class: typeof error };
  const code = codeWithin(error);
  return { class: error.constructor.name, ...(code !== undefined && { code }) };
}

function codeWithin(error: Error): string | number | undefined {
  const code: unknown = 'code' in error ? error.code : undefined;
  if (isCode(code) || typeof code === 'number') return code;
  return error.cause instanceof Error ? codeWithin(error.cause) : undefined;
}

/** One word: SQLSTATE, system code, type of one of Temporal's failures, or class. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  const { code, type, name } = error as { code?: unknown; type?: unknown; name?: unknown };
  return [code, type, name].find(isCode) ?? 'unknown';
}

const described = new WeakSet<object>();

/** Of what nobody expected. What has been described already stays as it is: a logger's serializer sees it again. */
export function describeError(error: unknown): FailureFacts {
  if (typeof error === 'object' && error !== null && described.has(error)) return error as FailureFacts;
  const sites = error instanceof Error ? error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) : undefined;
  const at = sites?.slice(0, 12).map((line) => line.trim()) ?? [];
  const facts: FailureFacts = { ...failureOf(error), ...(at.length > 0 && { at }) };
  described.add(facts);
  return facts;
}
