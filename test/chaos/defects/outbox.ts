/** What goes out. */
import type { ChaosAccount } from '../account.ts';
import type { Arena } from '../arena.ts';
import { r7 } from '../scenarios/r07-receipts.ts';
import { r8 } from '../scenarios/r08-rough-channel.ts';
import { r9 } from '../scenarios/r09-dead-channel.ts';
import { readThreads } from '../stored.ts';
import { carelessChange } from './careless-change.ts';
import { withCore } from './changed-core.ts';
import { all, type Defect } from './defect.ts';
import { smallLoad } from './small-load.ts';

/** Takes some messages, and nobody learns it. */
const silentAtFirst = ({ channels: { forgetful } }: ChaosAccount): void =>
  forgetful.backend.plan(({ key, no }) => (no === 1 && /[13]$/.test(key) ? 'accept-and-drop' : null));

/** With what it hands over the bot says something, which the channel does not take before a person has the chat. */
const lastWords = smallLoad({
  account: {
    script: ({ event }) =>
      event.type === 'messages' && event.messages.some(({ content }) => content.text?.includes('person'))
        ? { messages: [{ text: 'still here' }], handover: { reason: 'asked' } }
        : {
            messages:
              event.type === 'messages' ? event.messages.map(({ content }) => ({ text: `echo: ${content.text}` })) : [],
          },
  },
  load: { messages: 20, threads: 5 },
  prepare: (account, arena) => account.channels.knowing.backend.plan(untilTaken(account, arena)),
});

function untilTaken(account: ChaosAccount, { admin }: Arena) {
  return async ({ key, thread }: { key: string; thread: string }) => {
    if (thread !== 'thread-0' || !key.endsWith(':1')) return null;
    const found = (await readThreads(admin, account)).find((one) => one.thread === thread);
    return found?.phase === 'assigned' ? null : { status: 429, headers: { 'retry-after': '1' } };
  };
}

export const outboxDefects: Defect[] = [
  {
    name: 'silence-taken-for-no',
    says: 'an outbox that sends again what it had no answer to, and calls it not sent',
    oracle: 'duplicate',
    scenario: smallLoad({ prepare: silentAtFirst }),
    plant: carelessChange('mark_unclear', {
      "'ambiguous' END": "'pending' END",
      "'unclear', 'ambiguous'": "'not-sent', 'ambiguous'",
    }),
  },
  {
    name: 'blind-repeat',
    says: 'an outbox that sends again what may have arrived, where nobody wants that',
    oracle: 'ambiguous',
    scenario: smallLoad({ prepare: silentAtFirst }),
    plant: carelessChange('resends_blindly', { "= 'at-least-once'": 'IS NOT NULL' }),
  },
  {
    name: 'without-epoch',
    says: 'an outbox that does not look at the epoch, and a core that does not take the bot’s words back',
    oracle: 'owner',
    scenario: lastWords,
    plant: all(
      carelessChange('begin_send', { 'o.epoch <> v_epoch': 'false' }),
      withCore({ 'decide.ts': new URL('core/decide-unyielding.ts', import.meta.url) }),
    ),
  },
  {
    name: 'receipts-as-they-come',
    says: 'a receipt that takes a state back',
    oracle: 'receipts',
    scenario: r7,
    plant: carelessChange('risen_status', { "p_status IN ('failed', 'read')": "p_status = 'failed'" }),
  },
  {
    name: 'retry-after-ignored',
    says: 'an outbox and a core that come again when they like',
    oracle: 'retry-after',
    scenario: r8,
    plant: all(
      carelessChange('mark_not_sent', {
        'not_before = p_retry_at': 'not_before = NULL',
        'p_block_until IS NOT NULL': 'false',
      }),
      withCore({ 'decide.ts': new URL('core/decide-hurried.ts', import.meta.url) }),
    ),
  },
  {
    name: 'rate-ignored',
    says: 'turns at a channel that are given as fast as they are asked for',
    oracle: 'rate',
    scenario: r9,
    plant: carelessChange('take_turn', { 'secs => 1 /': 'secs => 0.001 /' }),
  },
];
