/** The next version of a policy: only on the one that the change is based on, only if it is sound, and announced with it. */
import { announcePolicy } from '../../store/announcements.ts';
import type { Transaction } from '../../store/connection.ts';
import * as store from '../../store/policy-versions.ts';
import { requireSoundPolicy } from '../policy-check.ts';
import { noticeCodes, type PolicyInput, wholeNumbers } from '../policy-schema.ts';
import { Problem } from '../problem.ts';

export async function saveNext(
  tx: Transaction,
  accountId: string,
  { policy, match, at }: { policy: PolicyInput; match: string | undefined; at: Date },
): Promise<store.PolicyRow> {
  await store.lockPolicies(tx, accountId);
  const before = await store.newestPolicy(tx, accountId);
  requireMatch(match, before?.version ?? 0);
  await requireSoundPolicy(tx, accountId, policy);
  const next = { ...toStore(policy), version: (before?.version ?? 0) + 1 };
  await store.insertPolicyVersion(tx, accountId, { ...next, at });
  await announcePolicy(tx, accountId, at);
  return { ...next, createdAt: at };
}

/** Of a version, as `ETag`. */
export const tagOf = (version: number): string => `"${version}"`;

function requireMatch(wanted: string | undefined, version: number): void {
  if (wanted !== undefined && wanted !== '*' && wanted !== tagOf(version)) {
    throw new Problem('version-mismatch', { detail: `The version in force is ${version}.`, version });
  }
}

/** After the check: every notice is there. */
function toStore({ numbers, groups, notices, form, routing }: PolicyInput): store.PolicyValues {
  const texts = Object.fromEntries(noticeCodes.map((code) => [code, notices[code] ?? '']));
  return {
    numbers: wholeNumbers(numbers),
    groups,
    notices: texts as store.PolicyValues['notices'],
    form,
    routing,
  };
}
