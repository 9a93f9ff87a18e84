/** The whole stack's database, replayed: conversations that went along every edge, in every way in which a run ends. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../../dev/servers/run-command.ts';
import { projectDir } from '../../dev/home.ts';
import { inAccount } from '../../store/connection.ts';
import type { SeededAccount } from '../support/account.ts';
import { addVariant } from '../support/account.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { expectInvariants } from '../support/invariants.ts';
import { temporalAddress } from '../support/servers.ts';
import { walkEdges, type Edge } from '../../dev/scenes/walk.ts';
import { failingRecords, playOn, scenarios } from '../replay/record-goldens.ts';
import { stageIn } from '../replay/scenarios/play.ts';
import { edgeScenarios } from './edges.ts';
import { movesOf } from './moves.ts';

let stack: ActorStack;
let account: SeededAccount;

beforeAll(async () => {
  stack = await startActorStack();
  stack.around = failingRecords;
  await stack.startWorker();
  account = await stack.account({ agents: 3, maxChats: 100 });
  for (const scenario of [...scenarios, ...edgeScenarios]) {
    const stage = stageIn(stack, await addVariant(stack.pool, account, scenario.options ?? {}));
    await playOn(stage, scenario);
    await stack.caughtUp(stage.id);
    await expectInvariants(stack.pool, stage.id);
  }
}, 300_000);
afterAll(() => stack.close());

test('the conversations go along every edge of the state diagram, along no other, and for no other reason', async () => {
  const moves = await movesOf(stack.pool, account.accountId);
  // To resolve again is accepted and leaves no event; a scenario does it.
  moves.push({ from: 'resolved', to: 'resolved', when: 'Resolve' });
  const edges = walkEdges();
  const nameOf = ({ from, to }: Pick<Edge, 'from' | 'to'>): string => `${from} → ${to}`;
  expect([...new Set(moves.map(nameOf))].toSorted()).toEqual(edges.map(nameOf).toSorted());
  const drawn = edges.flatMap((edge) => edge.when.map((when) => `${nameOf(edge)}: ${when}`));
  const made = moves.map((move) => `${nameOf(move)}: ${move.when}`);
  expect(made.filter((move) => !drawn.includes(move))).toEqual([]);
});

test('R14: `npx baton replay --all` finds every run of them the same', async () => {
  const env = {
    ...process.env,
    BATON_DATABASE_URL: stack.database.workerUrl,
    BATON_TEMPORAL_ADDRESS: temporalAddress(),
    BATON_ACCOUNT: account.accountId,
    BATON_BUILD: 'stack',
  };
  const said = await runCommand('npx', ['baton', 'replay', '--all'], { cwd: projectDir, env });
  const { rows } = await inAccount(stack.pool, account.accountId, (tx) =>
    tx.query<{ runs: number; conversations: number }>(
      'SELECT count(*)::int AS runs, count(DISTINCT conversation_id)::int AS conversations FROM runs WHERE account_id = $1',
      [account.accountId],
    ),
  );
  const [counted] = rows;
  expect(said.split('\n').at(-1)).toBe(`${counted?.runs} the same, 0 differ (written by another build), 0 failed`);
  // Some have continued as new, or were terminated, or had completed when somebody wrote again.
  expect(counted?.conversations).toBe(scenarios.length + edgeScenarios.length);
  expect(counted?.runs).toBeGreaterThan(counted?.conversations ?? 0);
}, 120_000);
