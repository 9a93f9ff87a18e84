/** Schemathesis in a virtual environment of the cache: every file that is installed has the digest that `requirements.txt` names. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../dev/servers/run-command.ts';
import { thisProject } from '../../dev/servers/surroundings.ts';

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));

/** Its command. Installs it where that has not been done (40 MB from PyPI, once); wants Python 3.11 or later. */
export async function schemathesis(): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  const { cacheDir, log } = thisProject();
  const home = join(cacheDir, `schemathesis-${digest.slice(0, 12)}`);
  // An environment can't be moved once it is made: whether all of it is there, this file says.
  const complete = join(home, 'complete');
  if (!existsSync(complete)) {
    log('installing Schemathesis from PyPI (once)');
    await rm(home, { recursive: true, force: true });
    await runCommand('python3', ['-m', 'venv', home]);
    const pip = join(home, 'bin', 'pip');
    await runCommand(pip, ['install', '--quiet', '--require-hashes', '--only-binary', ':all:', '-r', requirements]);
    await writeFile(complete, '');
  }
  return join(home, 'bin', 'schemathesis');
}

/** Answers its exit code; what it says goes to the terminal. `cwd`: where its settings are and its reports go. */
export async function runSchemathesis(command: string, args: string[], cwd: string): Promise<number> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
