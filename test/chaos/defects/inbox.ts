/** What comes in, and how it reaches its actor. */
import { carelessChange } from './careless-change.ts';
import { r2 } from '../scenarios/r02-temporal-kills.ts';
import { r10 } from '../scenarios/r10-poison.ts';
import { r25 } from '../scenarios/r25-overload.ts';
import type { Defect } from './defect.ts';
import { smallLoad } from './small-load.ts';

export const inboxDefects: Defect[] = [
  {
    name: 'acknowledged-unstored',
    says: 'an API that answers 2xx and stores nothing',
    oracle: 'falseAcknowledgement',
    scenario: smallLoad(),
    plant: carelessChange('accept_inbound_if', {
      'RETURN accept_inbound(p);': `RETURN CASE WHEN p->'items' @> '[{"content": {"text": "message 3"}}]' THEN '{}' ELSE accept_inbound(p) END;`,
    }),
  },
  {
    name: 'refused-for-good',
    says: 'an API that fails with a 500, so that a network may give the message up',
    oracle: 'answers',
    scenario: smallLoad(),
    plant: carelessChange('accept_inbound_if', {
      'RETURN accept_inbound(p);': `IF random() < 0.2 THEN RAISE EXCEPTION 'careless'; END IF; RETURN accept_inbound(p);`,
    }),
  },
  {
    name: 'stored-twice',
    says: 'an inbox that does not know a webhook again',
    oracle: 'decidedOnce',
    scenario: smallLoad({ load: { copies: 2 } }),
    plant: carelessChange('append_inputs', {
      "p_channel, item->>'externalId'\n": "gen_random_uuid(), item->>'externalId'\n",
    }),
  },
  {
    name: 'forgotten-cursor',
    says: 'a courier that moves its cursor over what it has not handed over',
    oracle: 'lost',
    scenario: smallLoad(),
    plant: carelessChange('next_mail', {
      'SET handed_seq = p_to,': 'SET handed_seq = last_seq,',
      'waiting_at = CASE WHEN last_seq > p_to THEN p_now END': 'waiting_at = NULL',
      'handed_at = p_now,': 'handed_at = NULL,',
      'LIMIT p_most': 'LIMIT 1',
    }),
  },
  {
    name: 'mail-left-lying',
    says: 'a courier that never comes back to some mailboxes',
    oracle: 'backlog',
    scenario: smallLoad(),
    plant: carelessChange('next_mail', { 'waiting_at IS NOT NULL AND': 'waiting_at IS NOT NULL AND last_seq < 4 AND' }),
  },
  {
    name: 'refused-while-waiting',
    says: 'an API that takes nothing in while what it has taken is not handed over',
    oracle: 'accepted',
    scenario: r2,
    plant: carelessChange('accept_inbound_if', {
      'RETURN accept_inbound(p);': `
        IF EXISTS (SELECT FROM mailboxes WHERE waiting_at < clock_timestamp() - interval '1 second') THEN
          RAISE EXCEPTION 'careless' USING ERRCODE = 'cannot_connect_now';
        END IF;
        RETURN accept_inbound(p);`,
    }),
  },
  {
    name: 'parked-out-of-sight',
    says: 'an inbox that takes what it can’t read for done with',
    oracle: 'parked',
    scenario: r10,
    plant: carelessChange('park_items', {
      'item, error, parked_at)': 'item, error, parked_at, resumed_at)',
      "item->>'because', p_at": "item->>'because', p_at, p_at",
    }),
  },
  {
    name: 'backlog-not-counted',
    says: 'an API that does not see how much waits',
    oracle: 'shed',
    scenario: r25,
    plant: carelessChange('inbox_backlog', {
      'coalesce(sum(m.last_seq - a.seq), 0)::bigint': 'count(*) FILTER (WHERE false)',
    }),
  },
];
