/**
 * `npm run fuzz -- [--seconds 120] [--seed N]`: Schemathesis, which knows nothing of Baton but its OpenAPI document, against
 * an API and a worker as production runs them. Ends with 1 where it finds something. A seed repeats a run.
 */
import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { install } from '../support/installation.ts';
import { createFuzzedAccount } from './account.ts';
import { runSchemathesis, schemathesis } from './schemathesis.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '120' }, seed: { type: 'string', default: String(randomInt(1e6)) } },
});

/** Streams: they have no end that could be checked. */
const endless = ['/v1/feed', '/v1/widget/events'];

/**
 * What it may not say is wrong: `unsupported_method` wants a 405 where Baton answers 404 (nothing is there), and
 * `positive_data_acceptance` doesn't know that an id in a body must be of something that exists.
 */
const uncheckable = ['unsupported_method', 'positive_data_acceptance'];

const callerOf = (paths: string, token: string): string[] => [
  '[[operations]]',
  `include-path-regex = "${paths}"`,
  `headers = { Authorization = "Bearer ${token}" }`,
];

const command = await schemathesis();
await mkdir(runsDir, { recursive: true });
const installation = await install();
try {
  const { key, visitor, ids } = await createFuzzedAccount(installation.url, installation.operatorKey);
  const dir = join(runsDir, 'fuzz');
  await mkdir(dir, { recursive: true });
  const parameters = Object.entries(ids).map(([name, id]) => `"path.${name}" = "${id}"`);
  const settings = [
    '[parameters]',
    ...parameters,
    ...callerOf('^/v1/widget/', visitor),
    ...callerOf('^/v1/accounts$', installation.operatorKey),
  ];
  await writeFile(join(dir, 'schemathesis.toml'), `${settings.join('\n')}\n`);
  console.log(`seed ${values.seed}`);
  process.exitCode = await runSchemathesis(
    command,
    [
      'run',
      `${installation.url}/v1/openapi.json`,
      `--header=Authorization: Bearer ${key}`,
      `--seed=${values.seed}`,
      `--max-time=${values.seconds}`,
      '--request-timeout=30',
      '--checks=all',
      `--exclude-checks=${uncheckable.join(',')}`,
      ...endless.map((path) => `--exclude-path=${path}`),
      '--continue-on-failure',
      '--no-shrink',
      '--report=ndjson',
    ],
    dir,
  );
} finally {
  await installation.stop();
}
