import { describe, expect, test } from 'vitest';
import { passTo, speakerOf } from '../../../workflows/conversation/evolve/baton.ts';
import type { Holder } from '../../../workflows/conversation/state.ts';

const parties: Holder[] = [
  { kind: 'engine' },
  { kind: 'bot', botId: 'bot-1' },
  { kind: 'bot', botId: 'bot-2' },
  { kind: 'agent', agentId: 'anna' },
  { kind: 'agent', agentId: 'bert' },
  { kind: 'desk', deskId: 'desk-1', personId: null },
  { kind: 'desk', deskId: 'desk-2', personId: null },
];

describe('the epoch', () => {
  test('rises by one when the baton passes to any other party, and never else', () => {
    const epochs = parties.map((from) => parties.map((to) => passTo({ holder: from, epoch: 5 }, to).epoch));
    expect(epochs).toEqual(parties.map((_, from) => parties.map((__, to) => (from === to ? 5 : 6))));
  });

  test('stays when another person speaks at the same desk', () => {
    const holder = { kind: 'desk', deskId: 'desk-1', personId: 'dora' } as const;
    const next = { ...holder, personId: 'emil' };
    expect(passTo({ holder, epoch: 5 }, next)).toEqual({ holder: next, epoch: 5 });
  });
});

test('where there is no bot, or no session, the engine speaks', () => {
  const session = { no: 1, startedAt: 0, lastActivityAt: 0, mode: 'engagement', locked: false } as const;
  expect(speakerOf(null)).toEqual({ kind: 'engine' });
  expect(speakerOf({ ...session, botId: null })).toEqual({ kind: 'engine' });
  expect(speakerOf({ ...session, botId: 'bot-1' })).toEqual({ kind: 'bot', botId: 'bot-1' });
});
