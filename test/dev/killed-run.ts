import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const START = fileURLToPath(new URL('./start-and-wait.ts', import.meta.url));

/** Starts the server in a process of its own and kills that with SIGKILL as soon as the server is up. Returns its pid. */
export async function killRunOf(server: 'postgres' | 'temporal', dataDir: string): Promise<number> {
  const run = spawn(process.execPath, ['--import', 'tsx', START, server, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(run.stdout, 'data')) as [Buffer];
  run.kill('SIGKILL');
  await once(run, 'close');
  return Number(said.toString());
}
