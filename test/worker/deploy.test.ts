/**
 * Two builds that Temporal won't let go on with each other's runs, side by side under load: the new one is promoted, and
 * taken back.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { createFetchHistory } from '../../courier/history.ts';
import { inAccount } from '../../store/connection.ts';
import { readEvents } from '../../store/event-log.ts';
import { readRuns } from '../../store/runs.ts';
import { buildsIn } from '../../worker/audit/history.ts';
import { replayAndJudge, type RecordedRun } from '../../worker/audit/replay-all.ts';
import { buildBundle } from '../../worker/bundle.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { startActorStack, type ActorStack, type StackWorker } from '../support/actor-stack.ts';
import { expectInOrder, expectInvariants } from '../support/invariants.ts';
import { required } from '../support/required.ts';
import { temporalAddress } from '../support/servers.ts';
import { until } from '../support/until.ts';
import { bundleReplacing } from '../replay/changed/bundle.ts';
import { baton, type Said } from '../audit/command.ts';
import { startLoad, type Load } from './deploy-load.ts';
import { newer } from './newer/files.ts';

const builds = ['old', 'new'] as const;
type Build = (typeof builds)[number];

const deployment = `deploy-${uuid()}`;
let codes: Record<Build, string>;
let stack: ActorStack;
const workers: StackWorker[] = [];

beforeAll(async () => {
  const [released, next] = await Promise.all([buildBundle(), bundleReplacing(newer)]);
  codes = { old: released.code, new: next };
  stack = await startActorStack();
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await stack.close();
});

async function startWorkerOf(build: Build): Promise<StackWorker> {
  const worker = await stack.startWorkerOf({ code: codes[build], build, deployment });
  workers.push(worker);
  return worker;
}

/** The command of an operator. */
const command = (...args: string[]): Promise<Said> =>
  baton(args, {
    TEMPORAL_ADDRESS: temporalAddress(),
    BATON_DEPLOYMENT: deployment,
    BATON_TASK_QUEUE: stack.taskQueue,
  });

/** As soon as Temporal has seen its worker. */
async function promoted(build: Build): Promise<void> {
  await until(async () => (await command('promote', build)).code === 0);
}

/** Every conversation has begun a run with it. */
async function everybodyIsWith(build: Build, { ids }: Load): Promise<void> {
  const isThere = async (id: ActorId) => (await runsOf(id)).at(-1)?.build === build;
  await until(async () => (await Promise.all(ids.map(isThere))).every(Boolean), 60_000);
}

const runsOf = ({ accountId, conversationId }: ActorId) =>
  inAccount(stack.pool, accountId, (tx) => readRuns(tx, accountId, conversationId));

interface FetchedRun extends RecordedRun {
  build: string;
}

async function fetchRuns(ids: ActorId[]): Promise<FetchedRun[]> {
  const fetchHistory = createFetchHistory(stack.temporal.client);
  const of = async (id: ActorId): Promise<FetchedRun[]> => {
    const { accountId, conversationId } = id;
    const events = await inAccount(stack.pool, accountId, (tx) => readEvents(tx, accountId, conversationId));
    return Promise.all(
      (await runsOf(id)).map(async ({ runId, build }) => {
        const { history } = required(await fetchHistory(id, runId));
        return { runId, build, history, events };
      }),
    );
  };
  return (await Promise.all(ids.map(of))).flat();
}

/** What the code of this build says to each run, by the build that wrote it. */
async function verdicts(by: Build, runs: FetchedRun[]): Promise<Record<string, string[]>> {
  const said: Record<string, Set<string>> = {};
  for await (const { run, report } of replayAndJudge({ code: codes[by], build: by }, runs)) {
    (said[run.build] ??= new Set()).add(report.verdict);
  }
  return Object.fromEntries(Object.entries(said).map(([build, all]) => [build, [...all].toSorted()]));
}

test('R15, B-19: old → new → old under load: no failed task, nothing lost, each run by one build', async () => {
  await startWorkerOf('old');
  await promoted('old');
  const load = await startLoad(stack, { talking: 4, silent: 2 });
  await load.goesOn(2);

  const next = await startWorkerOf('new');
  await until(async () => (await command('promote', 'new', '--share', '50')).code === 0);
  expect((await command('versions')).out).toContain('new: has 50 % of what begins');
  await promoted('old');
  expect((await command('versions')).out).toContain('new: nothing begins with it');
  await promoted('new');
  await everybodyIsWith('new', load);
  await load.goesOn(2);

  await promoted('old');
  await everybodyIsWith('old', load);
  await until(async () =>
    (await command('versions')).out.includes('new: nothing begins with it; no conversation is open'),
  );
  await next.stop();
  await load.goesOn(2);
  await load.stop();

  for (const { written, heard } of load.books()) expect(heard).toEqual(written);
  for (const [index, id] of load.ids.entries()) {
    expectInOrder(await expectInvariants(stack.pool, id), required(load.books()[index]).written.length);
  }
  const runs = await fetchRuns(load.ids);
  const failed = runs.flatMap(({ history }) =>
    (history.events ?? []).filter((event) => event.workflowTaskFailedEventAttributes),
  );
  expect(failed).toEqual([]);
  for (const { history, build } of runs) expect(buildsIn(history)).toEqual([build]);
  const told = runs.filter(({ history }) => JSON.stringify(history).includes('sendMessage'));
  expect(new Set(told.map(({ build }) => build))).toEqual(new Set(builds));
  expect(await verdicts('old', told)).toEqual({ old: ['same'], new: ['differs'] });
  expect(await verdicts('new', told)).toEqual({ old: ['differs'], new: ['same'] });
}, 180_000);

test('B-19: what runs with a build that nobody runs any more goes on with another, and nothing stored is lost', async () => {
  const next = await startWorkerOf('new');
  await promoted('new');
  const load = await startLoad(stack, { talking: 0, silent: 1 });
  await next.stop();
  const unheard = load.say();
  expect(await command('promote', 'old')).toMatchObject({
    code: 1,
    err: expect.stringContaining('baton retire new') as string,
  });
  expect(await command('retire', 'old')).toMatchObject({
    code: 2,
    err: expect.stringContaining('promote another') as string,
  });
  expect(await command('retire', 'new')).toMatchObject({
    code: 0,
    out: expect.stringContaining('begun anew') as string,
  });
  await unheard;
  await everybodyIsWith('old', load);
  for (const { written, heard } of load.books()) expect(heard).toEqual(written);
}, 120_000);

test('B-19: the commands say what they lack', async () => {
  expect((await baton(['versions'], { TEMPORAL_ADDRESS: temporalAddress() })).err).toContain('Which deployment?');
  expect((await baton(['versions', '--deployment', 'nobody'], { TEMPORAL_ADDRESS: temporalAddress() })).err).toContain(
    'no worker with BATON_DEPLOYMENT=nobody has come up',
  );
  expect((await baton(['versions', '--deployment', 'nobody'])).err).toContain('Set TEMPORAL_ADDRESS');
  expect((await command('promote', 'never-there')).err).toMatch(/^Temporal refuses: /);
  expect((await command('promote', 'old', '--share', '101')).err).toContain('no share');
});
