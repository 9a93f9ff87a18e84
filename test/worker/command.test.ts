import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('whoever has read enough ends the command without a word of ours', async () => {
  const baton = spawn(process.execPath, [fileURLToPath(import.meta.resolve('../../worker/baton.js')), '--help']);
  baton.stdout.destroy();
  let said = '';
  baton.stderr.on('data', (chunk) => (said += String(chunk)));
  const [code] = (await once(baton, 'close')) as [number];
  expect({ code, said }).toEqual({ code: 2, said: '' });
});
