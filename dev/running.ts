import { rmSync } from 'node:fs';
import { link, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DemoAccount } from './demo-account.ts';
import { readPrivateJson, writePrivateJson } from './private-file.ts';
import { hasCode, ifThere } from './servers/error-codes.ts';
import { isAlive, thisProcess, type ProcessId } from './servers/process-identity.ts';

/** What runs, for whoever wants to talk to it. */
export interface Running {
  urls: Urls;
  operatorKey: string;
  account: DemoAccount;
  /** Ada's, of this run. */
  agentToken: string;
  /** What the `baton` command takes from its surroundings. */
  cli: { BATON_DATABASE_URL: string; BATON_TEMPORAL_ADDRESS: string; BATON_CHECKPOINT_PUBLIC_KEYS: string };
}

export interface Urls {
  api: string;
  docs: string;
  webchat: string;
  /** null: Temporal is not ours (`TEMPORAL_ADDRESS`). */
  temporalUi: string | null;
  bot: string;
  desk: string;
  backend: string;
}

/** `running` is there once everything is up. */
export interface Claim {
  owner: ProcessId;
  running?: Running;
}

/**
 * Makes the folder of `file` this process's, for as long as it lives; answers whose it is if that is somebody else. The
 * claim of a process that was killed counts for nothing, so it blocks nobody.
 */
export async function claim(file: string): Promise<Claim | undefined> {
  const ours: Claim = { owner: await thisProcess() };
  for (;;) {
    if (await createOnce(file, ours)) return undefined;
    const found = await readPrivateJson<Claim>(file);
    if (found && (await isAlive(found.owner))) return found;
    await discardStale(file);
  }
}

/** Who runs there, if anybody does. */
export async function findClaim(file: string): Promise<Claim | undefined> {
  const found = await readPrivateJson<Claim>(file);
  return found && (await isAlive(found.owner)) ? found : undefined;
}

export async function announce(file: string, running: Running): Promise<void> {
  await writePrivateJson(file, { owner: await thisProcess(), running } satisfies Claim);
}

/** For the very end of a process, which waits for nothing. */
export function release(file: string): void {
  rmSync(file, { force: true });
}

/** A link can be made once only, and what it leads to is complete. */
async function createOnce(file: string, ours: Claim): Promise<boolean> {
  const draft = `${file}.${process.pid}`;
  try {
    await makeFolder(dirname(file));
    await writeFile(draft, JSON.stringify(ours), { mode: 0o600 });
  } catch (error) {
    throw new Error(
      `${dirname(file)} can’t be written in (${(error as Error).message}).\n` +
        'All that npm run dev needs lies there. Make that folder yours, or name another one in BATON_DEV_DIR.',
      { cause: error },
    );
  }
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * As `mkdir` with `recursive`. That one never ends where a folder can't be made though its parent is there, and the file
 * system answers that something isn't (`/proc`).
 */
async function makeFolder(dir: string): Promise<void> {
  const make = () => ifThere(mkdir(dir), ['EEXIST']);
  try {
    await make();
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    await makeFolder(dirname(dir));
    await make();
  }
}

/** Of two that find the same stale claim, the second may move the first's new one away: then it is put back. */
async function discardStale(file: string): Promise<void> {
  const aside = `${file}.${process.pid}.stale`;
  // Not there: the other was faster.
  await ifThere(rename(file, aside));
  const moved = await readPrivateJson<Claim>(aside);
  if (moved && (await isAlive(moved.owner))) await link(aside, file);
  await rm(aside, { force: true });
}
