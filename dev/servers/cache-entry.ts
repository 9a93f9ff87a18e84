import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Makes a file or folder of the cache. `make` works in a folder of its own and returns what to keep, which is then moved
 * into place: whoever is killed in the middle leaves nothing that looks complete.
 */
export async function makeCacheEntry(entry: string, make: (workDir: string) => Promise<string>): Promise<void> {
  await mkdir(dirname(entry), { recursive: true });
  const workDir = await mkdtemp(join(dirname(entry), '.making-'));
  try {
    const made = await make(workDir);
    await rm(entry, { recursive: true, force: true });
    await rename(made, entry);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}
