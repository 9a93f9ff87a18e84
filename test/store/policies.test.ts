import { describe, expect, test } from 'vitest';
import { effectivePolicy, type StoredPolicy } from '../../store/policies.ts';
import { defaultPolicy } from '../../workflows/conversation/policy.ts';

const stored = (numbers: unknown, groups: Record<string, unknown> = {}, form: StoredPolicy['form'] = []) => ({
  version: 3,
  numbers,
  groups,
  notices: {},
  form,
  routing: {},
});

describe('The policy in force', () => {
  test('is the defaults, the account’s values over them, and the group’s over both', () => {
    const numbers = { queue: { waitMs: 1_000 }, idle: { warnMs: null } };
    const groups = { support: { queue: { onWaitOver: 'close' }, firstReplyMs: 5_000, assignment: 'automatic' } };
    expect(effectivePolicy(stored(numbers, groups), 'support')).toEqual({
      ...defaultPolicy,
      version: 3,
      queue: { ...defaultPolicy.queue, waitMs: 1_000, onWaitOver: 'close' },
      idle: { ...defaultPolicy.idle, warnMs: null },
      firstReplyMs: 5_000,
      assignment: 'automatic',
    });
    expect(effectivePolicy(stored(numbers, groups), 'sales').firstReplyMs).toBe(null);
    expect(effectivePolicy(stored(numbers, groups), null).queue.onWaitOver).toBe('keep-waiting');
  });

  test('takes version and number of fields from the row, whatever the values say', () => {
    const form = [{ name: 'a', question: 'A?', type: 'text', required: true } as const];
    const policy = effectivePolicy(stored({ version: 99, intake: { by: 'form', fields: 99 } }, {}, form), null);
    expect(policy.version).toBe(3);
    expect(policy.intake).toMatchObject({ by: 'form', fields: 1 });
  });

  test('holds nothing but what the core knows: no other value, no word, no other kind of value gets into a state', () => {
    const odd = {
      lock: { sessionMs: 'a day', until: 7, note: 'Ada Canary' },
      queue: 'Ada Canary',
      firstReplyMs: 'Ada Canary',
      reopen: null,
      maxTransfers: -1,
      bot: { tries: null, timeoutMs: Number.NaN },
      contact: { name: 'Ada Canary' },
    };
    expect(effectivePolicy(stored(odd), null)).toEqual({ ...defaultPolicy, version: 3 });
  });

  test('a version that isn’t there, or holds nothing, is the defaults', () => {
    expect(effectivePolicy(stored(undefined), null)).toEqual({ ...defaultPolicy, version: 3 });
    expect(effectivePolicy(stored(null), 'support')).toEqual({ ...defaultPolicy, version: 3 });
  });
});
