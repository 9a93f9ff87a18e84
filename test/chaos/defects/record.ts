/** What is decided, who gets what, and how that is kept. */
import { r17 } from '../scenarios/r17-rebuild.ts';
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
      "(v_event->>'data')::json,": `jsonb_set((v_event->>'data')::jsonb, '{policy}', '"another"')::json,`,
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
];
