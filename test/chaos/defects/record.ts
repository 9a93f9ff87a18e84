/** What is decided, who gets what, and how that is kept. */
import { r11 } from '../scenarios/r11-deadlines.ts';
import { r12 } from '../scenarios/r12-model.ts';
import { r16 } from '../scenarios/r16-continue-as-new.ts';
import { r17 } from '../scenarios/r17-rebuild.ts';
import { r24 } from '../scenarios/r24-idempotency.ts';
import { carelessChange } from './careless-change.ts';
import { withCore } from './changed-core.ts';
import type { Defect } from './defect.ts';
import { smallLoad } from './small-load.ts';

export const recordDefects: Defect[] = [
  {
    name: 'turn-read-backwards',
    says: 'a bot that is told the last of a customer’s messages first',
    oracle: 'order',
    scenario: smallLoad({ load: { messages: 60, threads: 5 } }),
    plant: carelessChange('bot_turn', { 'ORDER BY inbox_seq, id': 'ORDER BY inbox_seq DESC, id' }),
  },
  {
    name: 'claim-without-limit',
    says: 'a claim that does not look at the agent’s limit',
    oracle: 'limit',
    // Two of the three who ask for a person are the first agent's.
    scenario: smallLoad({ account: { maxChats: 1 }, load: { messages: 60, threads: 30 } }),
    plant: carelessChange('take_place', { '< max_chats': '< max_chats + 1000' }),
  },
  {
    name: 'place-counted-twice',
    says: 'a claim that takes two places',
    oracle: 'invariants',
    scenario: smallLoad(),
    plant: carelessChange('take_place', { 'active = active + 1': 'active = active + 2' }),
  },
  {
    name: 'entry-changed',
    says: 'a record that stores something else than it has chained',
    oracle: 'chains',
    scenario: smallLoad(),
    plant: carelessChange('append_events', {
      "(event->>'data')::json,": `jsonb_set((event->>'data')::jsonb, '{policy}', '"another"')::json,`,
    }),
  },
  {
    name: 'other-code',
    says: 'a worker that does the same work in another order than the code it says it is of',
    oracle: 'replay',
    scenario: smallLoad(),
    plant: withCore({ 'pending.ts': new URL('../../replay/changed/pending.ts', import.meta.url) }),
  },
  {
    name: 'fold-that-differs',
    says: 'a fold that gives out more places than its events say',
    oracle: 'rebuilt',
    scenario: r17,
    plant: carelessChange('record_decision', { 'v_received + v_sent,': 'v_received + v_sent + 1,' }),
  },
  {
    name: 'outcome-not-kept',
    says: 'a record that does not know a command again',
    oracle: 'one-answer',
    scenario: r24,
    plant: carelessChange('record_decision', { "IF p->>'key' IS NOT NULL THEN": 'IF false THEN' }),
  },
  {
    name: 'session-ends-late',
    says: 'a core whose sessions end a millisecond late',
    oracle: 'deadlines',
    scenario: r11,
    plant: withCore({ 'deadlines.ts': new URL('core/deadlines.ts', import.meta.url) }),
  },
  {
    name: 'yes-to-everything',
    says: 'a core that says yes to what it does not do',
    oracle: 'model',
    scenario: r12,
    plant: withCore({ 'decide.ts': new URL('core/decide-obliging.ts', import.meta.url) }),
  },
  {
    name: 'endless-run',
    says: 'a run that does not continue as new, however long its history grows',
    oracle: 'played',
    scenario: r16,
    plant: withCore({ '../actor/run.ts': new URL('core/run.ts', import.meta.url) }),
  },
];
