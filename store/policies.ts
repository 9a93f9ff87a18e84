/**
 * Policies: immutable versions of an account's numbers, texts, form and routing. The core gets the numbers only, the
 * account's over the defaults and a group's over both; a version that is not there is one without values of its own.
 */
import type { Transaction } from './connection.ts';
import { isObject } from '../workflows/conversation/json.ts';
import { defaultPolicy, type Policy } from '../workflows/conversation/policy.ts';
import type { Target } from '../workflows/conversation/state.ts';

export interface StoredPolicy {
  version: number;
  /** The account's values, where they differ from the defaults. */
  numbers: unknown;
  /** By group: the values that differ there. */
  groups: Record<string, unknown>;
  /** Notice → text. */
  notices: Record<string, string>;
  form: FormField[];
  routing: Partial<Routing>;
}

/** A declared field of the account's own intake form; asked in order. */
export interface FormField {
  name: string;
  label?: string;
  question: string;
  type: 'text' | 'email' | 'phone' | 'number' | 'choice';
  /** An optional field can be passed over with `-` or `skip`. */
  required: boolean;
  /** Of `choice`: answered by its words, its button or its number from 1. */
  options?: string[];
  /** Instead of the usual words by which a customer gives up. */
  cancelWords?: string[];
}

export interface Routing {
  /** The first rule all of whose facts are the request's decides. */
  rules: { skill?: string; webstore?: string; target: Target }[];
  /** Where no rule fits and the channel has no group. */
  default: Target | null;
  /** Which webstore a page belongs to; the first match counts. `pattern`: host and path, `*` for any characters. */
  webstores: { pattern: string; webstore: string }[];
}

/** `latest`: the version that new sessions and hand-overs take. */
export async function readPolicy(
  tx: Transaction,
  accountId: string,
  version: number | 'latest',
): Promise<StoredPolicy> {
  const { rows } = await tx.query<StoredPolicy>({
    name: 'read-policy',
    text: `SELECT version, numbers, groups, notices, form, routing FROM policies
           WHERE account_id = $1 AND ($2::integer IS NULL OR version = $2) ORDER BY version DESC LIMIT 1`,
    values: [accountId, version === 'latest' ? null : version],
  });
  return rows[0] ?? { version: 0, numbers: {}, groups: {}, notices: {}, form: [], routing: {} };
}

/** What the numbers in force follow from. */
export type PolicyNumbers = Pick<StoredPolicy, 'version' | 'numbers' | 'groups' | 'form'>;

/** The numbers in force for a group (null: for the account). */
export function effectivePolicy(stored: PolicyNumbers, groupId: string | null): Policy {
  const ofAccount = laidOver(defaultPolicy, stored.numbers, '');
  const ofGroup = groupId === null ? ofAccount : laidOver(ofAccount, stored.groups[groupId], '');
  return {
    ...ofGroup,
    version: stored.version,
    intake: { ...ofGroup.intake, fields: stored.form.length },
  };
}

/** Durations that may be off. */
const nullable = new Set(['.reopen.windowMs', '.firstReplyMs', '.idle.warnMs', '.idle.closeMs']);

/** Only values of the kind that is there already: nothing but numbers and codes can get into a state. */
function laidOver<T>(under: T, over: unknown, path: string): T {
  if (isObject(under) && isObject(over)) {
    const entries = Object.entries(under).map(([key, value]) => [key, laidOver(value, over[key], `${path}.${key}`)]);
    return Object.fromEntries(entries) as T;
  }
  if (over === null) return nullable.has(path) ? (null as T) : under;
  const number = typeof under === 'number' || nullable.has(path);
  const fits = number ? typeof over === 'number' && over >= 0 : !isObject(under) && typeof over === typeof under;
  return fits ? (over as T) : under;
}
