/**
 * Reads the customer's first message in the range as the answer to one field of the account's form, under the policy
 * version that asked it, and stores what is valid with the hand-over. The same message gives the same answer.
 */
import { inAccount } from '../store/connection.ts';
import { readFirstMessage, storeIntakeAnswer } from '../store/intake.ts';
import { readPolicy } from '../store/policies.ts';
import { failed } from './attempt.ts';
import type { WorkActivities } from './contract.ts';
import type { WorkDependencies } from './dependencies.ts';
import { checkFormAnswer } from './form-answer.ts';

export function createCheckAnswer({ pool, clock }: WorkDependencies): WorkActivities['checkAnswer'] {
  return (actor, work) =>
    inAccount(pool, actor.accountId, async (tx) => {
      const { form } = await readPolicy(tx, actor.accountId, work.policyVersion);
      const field = form[work.field];
      if (!field) return failed({ class: 'permanent' });
      const message = await readFirstMessage(tx, actor, work.messages);
      const checked = checkFormAnswer(field, message?.content ?? null);
      const upTo = message?.place ?? work.messages.to;
      if (checked.kind === 'valid') {
        const { name, question, label = question } = field;
        const answer = { handover: work.handover, name, label, value: checked.value, at: clock() };
        await storeIntakeAnswer(tx, actor, answer);
      }
      return { kind: checked.kind, upTo };
    });
}
