/** A policy that changes while its form asks, with the real record: question, check and number of fields stay of one version. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inAccount } from '../../store/connection.ts';
import { readIntakeAnswers } from '../../store/intake.ts';
import { insertPolicyVersion, newestPolicy } from '../../store/policy-versions.ts';
import type { FormField } from '../../store/policies.ts';
import { defaultPolicy } from '../../workflows/conversation/policy.ts';
import { expectInvariants } from '../support/invariants.ts';
import { askingForAPerson } from '../support/queued.ts';
import { required } from '../support/required.ts';
import { openOwnAccount, type SimulatedAccount, type Simulation } from '../support/simulation.ts';

let account: SimulatedAccount;
beforeAll(async () => {
  account = await openOwnAccount();
});
afterAll(() => account.close());

async function publishForm({ pool, account: { accountId } }: SimulatedAccount, form: FormField[]): Promise<void> {
  const intake = { ...defaultPolicy.intake, by: form.length > 0 ? 'form' : 'none', fields: form.length } as const;
  await inAccount(pool, accountId, async (tx) => {
    const { version, ...newest } = required(await newestPolicy(tx, accountId));
    const numbers = { ...newest.numbers, intake };
    await insertPolicyVersion(tx, accountId, { ...newest, version: version + 1, at: new Date(), numbers, form });
  });
}

const field = (name: string, type: FormField['type']): FormField => ({
  name,
  question: `${name}?`,
  type,
  required: true,
});

const said = ({ deliveries }: Simulation) => deliveries.map(({ text }) => text);
const answers = ({ pool, id }: Simulation) => inAccount(pool, id.accountId, (tx) => readIntakeAnswers(tx, id, 1));

test.each([
  ['another form', [field('Colour', 'number')]],
  ['no form at all', []],
])('S3-3: a form goes on as it began, under a policy that has %s', async (_what, next) => {
  await publishForm(account, [field('Mail', 'email'), field('Order', 'number')]);
  const simulation = await askingForAPerson(account);
  await simulation.finish();
  expect(said(simulation).at(-1)).toBe('Mail?');

  await publishForm(account, next);
  await simulation.put('PolicyChanged', {});
  await simulation.write('ada@example.org');
  await simulation.finish();
  expect(said(simulation).at(-1)).toBe('Order?');
  expect(simulation.actor.state.policy.version).toBeGreaterThan(2);

  await simulation.write('4711');
  await simulation.finish();
  expect(simulation.actor.state.phase.name).toBe('queued');
  expect(await answers(simulation)).toEqual([
    { name: 'Mail', label: 'Mail?', value: 'ada@example.org' },
    { name: 'Order', label: 'Order?', value: '4711' },
  ]);
  await expectInvariants(simulation.pool, simulation.id);
});
