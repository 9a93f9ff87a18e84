import type { Log } from './log.ts';

/** What a route answers: where the executable is, or in one line why it is not there. */
export type Answer = { path: string } | { because: string };

export type Route = { name: string; look: () => Promise<Answer> };

export type Wanted = {
  what: string;
  /** Environment variable with the executable's path. If it is set and wrong, nothing else is tried. */
  variable: string;
  /** In the order in which they are tried, after the variable. */
  routes: readonly Route[];
  /** What is wrong with the file at this path; undefined if it will do. */
  defect: (path: string) => Promise<string | undefined>;
  waysOut: readonly string[];
};

/**
 * The path of an executable, by the first route that has a sound one. A route that fails, with whatever error, is noted
 * and the next one is tried. If all fail, the error lists every one of them and what the reader can do.
 */
export async function resolveExecutable(wanted: Wanted, env: NodeJS.ProcessEnv, log: Log): Promise<string> {
  const named = env[wanted.variable];
  if (named) return insistOn(wanted, named);

  const tried = [`${wanted.variable}: not set`];
  for (const route of wanted.routes) {
    const answer = await take(route, wanted);
    if ('path' in answer) return answer.path;
    tried.push(`${route.name}: ${answer.because}`);
    log(`${wanted.what}, ${route.name}: ${answer.because}`);
  }
  throw new Error(
    [`${wanted.what} was not found. Tried:`, ...bullets(tried), 'Ways out:', ...bullets(wanted.waysOut)].join('\n'),
  );
}

async function insistOn(wanted: Wanted, path: string): Promise<string> {
  const defect = await wanted.defect(path);
  if (defect === undefined) return path;
  throw new Error(
    `${wanted.variable} names ${path}, but ${defect}. Nothing else was tried: correct the variable, or unset it.`,
  );
}

async function take(route: Route, wanted: Wanted): Promise<Answer> {
  try {
    const answer = await route.look();
    if (!('path' in answer)) return answer;
    const defect = await wanted.defect(answer.path);
    return defect === undefined ? answer : { because: `${answer.path}: ${defect}` };
  } catch (error) {
    return { because: reason(error) };
  }
}

/** Network errors of fetch say only "fetch failed"; what failed is in their cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

const bullets = (lines: readonly string[]) => lines.map((line) => `  - ${line.replaceAll('\n', '\n    ')}`);
