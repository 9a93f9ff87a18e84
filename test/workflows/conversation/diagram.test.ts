import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { mermaid, walkEdges, type Edge } from '../../../dev/scenes/walk.ts';

/** Each way from one state to another, with all that leads along it. */
const table: [Edge['from'], Edge['to'], string[]][] = [
  ['(start)', 'bot', ['CustomerWrote', 'DeskTook', 'RequestHandover']],
  ['(start)', 'queued', ['CustomerWrote']],
  ['(start)', 'blocked', ['CustomerWrote']],
  ['bot', 'prechat', ['AskBot (work)', 'BotAnswered', 'CheckPresence (work)', 'bot-turn (timer)']],
  ['bot', 'queued', ['RouteHandover (work)']],
  ['bot', 'assigned', ['DeskTook']],
  ['bot', 'blocked', ['Block', 'ContactBlocked']],
  [
    'prechat',
    'bot',
    [
      'AskBot (work)',
      'BotAnswered',
      'CheckAnswer (work)',
      'CustomerCancelled',
      'RouteHandover (work)',
      'bot-turn (timer)',
      'prechat-abandoned (timer)',
      'session (timer)',
    ],
  ],
  ['prechat', 'queued', ['RouteHandover (work)']],
  ['prechat', 'assigned', ['DeskTook']],
  ['prechat', 'blocked', ['Block', 'ContactBlocked']],
  [
    'queued',
    'bot',
    [
      'AvailabilityChanged',
      'CustomerCancelled',
      'DeskRefused',
      'OpenAtDesk (work)',
      'SendToDesk (work)',
      'queue-wait (timer)',
    ],
  ],
  ['queued', 'assigned', ['AcceptOffer', 'AgentClaimed', 'Assign', 'DeskAccepted', 'DeskTook', 'Join']],
  ['queued', 'resolved', ['DeskClosed', 'Resolve', 'queue-wait (timer)', 'session (timer)']],
  ['queued', 'blocked', ['Block', 'ContactBlocked']],
  [
    'assigned',
    'bot',
    ['AgentLeft', 'HandBack', 'SendToDesk (work)', 'Unassign', 'desk-lost (timer)', 'first-reply (timer)'],
  ],
  [
    'assigned',
    'queued',
    ['AgentLeft', 'Forward', 'SendToDesk (work)', 'Unassign', 'desk-lost (timer)', 'first-reply (timer)'],
  ],
  ['assigned', 'assigned', ['Assign', 'DeskTook', 'Forward']],
  ['assigned', 'resolved', ['AgentLeft', 'DeskClosed', 'Resolve', 'idle-close (timer)', 'session (timer)']],
  ['assigned', 'blocked', ['Block', 'ContactBlocked']],
  ['resolved', 'bot', ['CustomerWrote']],
  ['resolved', 'queued', ['CustomerWrote']],
  ['resolved', 'assigned', ['CustomerWrote', 'DeskTook', 'Reopen']],
  ['resolved', 'resolved', ['Resolve']],
  ['resolved', 'blocked', ['Block', 'ContactBlocked']],
  ['blocked', 'bot', ['ContactUnblocked', 'Unblock', 'block-expiry (timer)']],
];

const edges = walkEdges();

test('the walk of decide finds exactly the edges of the table, no more and no less', () => {
  expect(edges.map(({ from, to }) => [from, to])).toEqual(table.map(([from, to]) => [from, to]));
});

test.each(table)('from %s to %s by %s alone', (from, to, when) => {
  expect(edges.find((edge) => edge.from === from && edge.to === to)?.when).toEqual(when);
});

test('only prechat is entered with presence known, from the bot alone', () => {
  expect(edges.filter(({ to }) => to === 'prechat').map(({ from }) => from)).toEqual(['bot']);
});

test('the rendered diagram has a line for each edge', () => {
  const lines = mermaid(edges).split('\n');
  expect(lines[0]).toBe('stateDiagram-v2');
  expect(lines).toHaveLength(table.length + 1);
  expect(lines).toContain('  resolved --> resolved: Resolve');
});

test('the files under decide/ are the states of the diagram', async () => {
  const folder = new URL('../../../workflows/conversation/decide/', import.meta.url);
  const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  const states = new Set(table.map(([, to]) => `${to}.ts`));
  expect(files.map(({ name }) => name).sort()).toEqual([...states].sort());
});
