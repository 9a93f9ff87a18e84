/** The oracles that are the product's own commands, run on the live system as an operator runs them. */
import { baton } from '../../audit/command.ts';
import type { ChaosAccount } from '../account.ts';
import type { Arena } from '../arena.ts';
import type { Finding } from '../evidence.ts';
import type { RecordOracle } from './names.ts';

export async function judgeRecord({ installation, admin }: Arena, { accountId }: ChaosAccount): Promise<Finding[]> {
  const env = {
    BATON_DATABASE_URL: installation.database.workerUrl,
    BATON_ACCOUNT: accountId,
    BATON_TEMPORAL_ADDRESS: installation.temporalAddress,
    BATON_BUILD: installation.build,
    BATON_WORKFLOW_BUNDLE: installation.bundle,
  };
  const run = async (oracle: RecordOracle, args: string[], tells: (out: string) => string): Promise<Finding[]> => {
    const { code, out, err } = await baton(args, env);
    return code === 0 && err === '' ? [] : [{ oracle, says: `baton ${args.join(' ')}: ${tells(out)} ${err}`.trim() }];
  };
  const { rows } = await admin.query<{ id: string }>('SELECT id FROM conversations WHERE account_id = $1', [accountId]);
  const findings = await run('invariants', ['invariants'], (out) => out);
  for (const { id } of rows) findings.push(...(await run('chains', ['verify', id], lastWords)));
  return [...findings, ...(await run('replay', ['replay', '--all'], lastWords))];
}

/** What is wrong stands in few lines, near the end. */
const lastWords = (out: string): string => out.split('\n').slice(-8).join(' | ');
