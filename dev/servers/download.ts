import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Log } from './log.ts';
import { runCommand } from './run-command.ts';

export type Archive = { url: string; sha256: string };

/** By platform and architecture, in Node's names: `linux-x64`. */
export type Releases = Partial<Record<string, Archive>>;

export const releaseForUs = (releases: Releases): Archive | undefined =>
  releases[`${process.platform}-${process.arch}`];

/** Downloads a .tar.gz, checks it against its pinned checksum and unpacks it into `dir`. */
export async function downloadAndUnpack(archive: Archive, dir: string, log: Log): Promise<void> {
  const file = join(dir, 'archive.tar.gz');
  await download(archive, file, log);
  await runCommand('tar', ['-xzf', file, '-C', dir]);
}

async function download({ url, sha256 }: Archive, file: string, log: Log): Promise<void> {
  log(`downloading ${url}`);
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`);

  const hash = createHash('sha256');
  const total = Number(response.headers.get('content-length'));
  await pipeline(
    Readable.fromWeb(response.body),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      const report = tenths(total, (percent) => log(`downloading: ${percent} %`));
      for await (const chunk of chunks) {
        hash.update(chunk);
        report(chunk.length);
        yield chunk;
      }
    },
    createWriteStream(file),
  );
  const actual = hash.digest('hex');
  if (actual !== sha256) throw new Error(`${url} has the checksum ${actual}, expected was ${sha256}`);
}

/** Calls `say` whenever another tenth of `total` bytes has arrived; never if the total is not known. */
function tenths(total: number, say: (percent: number) => void): (bytes: number) => void {
  let received = 0;
  let said = 0;
  return (bytes) => {
    received += bytes;
    const percent = total > 0 ? Math.floor((received / total) * 10) * 10 : 0;
    if (percent > said) say(percent);
    said = Math.max(said, percent);
  };
}
