import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Archive, Releases } from '../../dev/servers/download.ts';
import { runCommand } from '../../dev/servers/run-command.ts';
import type { Sandbox } from './sandbox.ts';

/** The only release that there is, for the platform that the test runs on. */
export const onlyRelease = (archive: Archive): Releases => ({ [`${process.platform}-${process.arch}`]: archive });

/** Serves the entry of the sandbox as the only release, as a .tar.gz. Returns where, and its true checksum. */
export async function publish(sandbox: Sandbox, entry: string): Promise<Archive> {
  const file = join(sandbox.dir, 'release.tar.gz');
  await runCommand('tar', ['-czf', file, '-C', sandbox.dir, entry]);
  const content = await readFile(file);
  const server = createServer((request, response) => {
    if (request.url === '/release.tar.gz') response.setHeader('content-length', content.length).end(content);
    else response.writeHead(404).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/release.tar.gz`,
    sha256: createHash('sha256').update(content).digest('hex'),
  };
}
