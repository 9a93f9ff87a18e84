import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { historyFromJSON, type History } from '@temporalio/common/lib/proto-utils.js';
import { pino } from 'pino';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createExportHistory, exportRun, type FetchHistory } from '../../activities/export-history.ts';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { readRunHistory, readRuns } from '../../store/runs.ts';
import { sweepExports } from '../../worker/export-sweep.ts';
import { createTestDatabase, seedAccount, type SeededAccount, type TestDatabase } from '../support/database.ts';
import { insertConversation, insertRun } from './rows.ts';

const minute = 60_000;
const at = Date.parse('2026-01-01T12:00:00Z');

describe('exported histories', () => {
  let database: TestDatabase;
  let admin: Pool;
  let worker: Pool;
  let account: SeededAccount;

  beforeAll(async () => {
    database = await createTestDatabase();
    admin = createPool({ url: database.adminUrl, max: 2, name: 'test' });
    worker = createPool({ url: database.workerUrl, max: 4, name: 'test' });
    account = await seedAccount(admin);
  });
  afterAll(async () => {
    await Promise.all([admin.end(), worker.end()]);
    await database.drop();
  });

  const ended: FetchHistory = (_actor, runId) => Promise.resolve({ history: historyOf(runId), closed: true });
  const running: FetchHistory = (_actor, runId) => Promise.resolve({ history: historyOf(runId), closed: false });
  const gone: FetchHistory = () => Promise.resolve(null);
  const away: FetchHistory = () => Promise.reject(new Error('temporal is away'));

  /** An actor in which nothing is open any more, with one finished run. */
  async function silentConversation(startedAt = at - 10 * minute) {
    const conversationId = await insertConversation(admin, account, { wakeAt: null });
    const runId = uuid();
    await insertRun(admin, account.accountId, conversationId, { runId, startedAt });
    return { accountId: account.accountId, conversationId, runId };
  }

  const runsOf = (conversationId: string) =>
    inAccount(worker, account.accountId, (tx) => readRuns(tx, account.accountId, conversationId));

  const sweep = (fetchHistory: FetchHistory, now = at) =>
    sweepExports({ pool: worker, fetchHistory, clock: () => now, logger: pino({ enabled: false }) });

  it('stand as Temporal writes them, with the hash of their text; a second export changes nothing', async () => {
    const { conversationId, runId } = await silentConversation();
    const exportHistory = createExportHistory({ pool: worker, fetchHistory: ended, clock: () => at });
    await exportHistory({ accountId: account.accountId, conversationId }, runId);
    const other = createExportHistory({ pool: worker, fetchHistory: gone, clock: () => at + minute });
    await other({ accountId: account.accountId, conversationId }, runId);

    const [run] = await runsOf(conversationId);
    const stored = await inAccount(worker, account.accountId, (tx) =>
      readRunHistory(tx, account.accountId, conversationId, runId),
    );
    const text = gunzipSync(stored ?? Buffer.alloc(0)).toString('utf8');
    expect(historyFromJSON(JSON.parse(text)).events).toHaveLength(2);
    expect(run).toMatchObject({
      exportedAt: at,
      goneAt: null,
      sha256: createHash('sha256').update(text).digest('hex'),
    });
  });

  it('that Temporal has no longer are marked as gone, and nobody tries again', async () => {
    const { conversationId } = await silentConversation();
    expect(await sweep(gone)).toMatchObject({ gone: 1 });
    expect((await runsOf(conversationId))[0]).toMatchObject({ exportedAt: null, goneAt: at });
    expect(await sweep(ended, at + 100 * minute)).toEqual({ exported: 0, gone: 0, running: 0, failed: 0 });
  });

  it('are not stored of a run that goes on', async () => {
    const { accountId, conversationId, runId } = await silentConversation();
    const actor = { accountId, conversationId };
    expect(await exportRun({ pool: worker, fetchHistory: running, clock: () => at }, actor, runId)).toBe('running');
    expect((await runsOf(conversationId))[0]).toMatchObject({ exportedAt: null, goneAt: null });
    await exportRun({ pool: worker, fetchHistory: ended, clock: () => at }, actor, runId);
  });

  it('are made by the sweep: of last runs where nothing is open, and of runs that a later one followed', async () => {
    const silent = await silentConversation();
    const open = await insertConversation(admin, account, { wakeAt: at + minute });
    await insertRun(admin, account.accountId, open, { runId: 'first', startedAt: at - 9 * minute });
    await insertRun(admin, account.accountId, open, { runId: 'second', startedAt: at - 8 * minute });
    const young = await silentConversation(at - minute);

    expect(await sweep(ended)).toEqual({ exported: 2, gone: 0, running: 0, failed: 0 });
    expect((await runsOf(silent.conversationId))[0]?.exportedAt).toBe(at);
    expect((await runsOf(open)).map((run) => run.exportedAt)).toEqual([at, null]);
    expect((await runsOf(young.conversationId))[0]?.exportedAt).toBeNull();
    expect(await sweep(ended, at + 2 * minute)).toMatchObject({ exported: 1 });
  });

  it('are tried again later where Temporal could not be asked, and not at once', async () => {
    const { conversationId } = await silentConversation();
    expect(await sweep(away)).toMatchObject({ failed: 1 });
    expect(await sweep(ended)).toMatchObject({ exported: 0 });
    expect(await sweep(ended, at + 2 * minute)).toMatchObject({ exported: 1 });
    expect((await runsOf(conversationId))[0]?.exportedAt).toBe(at + 2 * minute);
  });

  it('are one worker’s work: two sweeps at once share them', async () => {
    for (let made = 0; made < 6; made += 1) await silentConversation();
    const counts = await Promise.all([sweep(ended), sweep(ended)]);
    expect(counts[0].exported + counts[1].exported).toBe(6);
  });

  it('need no more than ids across accounts: the role behind the sweep reads nothing else', async () => {
    const asExports = (statement: string) =>
      inAccount(admin, account.accountId, async (tx) => {
        await tx.query('SET LOCAL ROLE baton_exports');
        return tx.query(statement);
      });
    await expect(asExports('SELECT history FROM runs')).rejects.toThrow('permission denied');
    await expect(asExports('SELECT state FROM actors')).rejects.toThrow('permission denied');
    await expect(asExports('UPDATE runs SET history = NULL')).rejects.toThrow('permission denied');
    await expect(asExports('SELECT content FROM messages')).rejects.toThrow('permission denied');
    await expect(asExports('SELECT name FROM contacts')).rejects.toThrow('permission denied');
    const api = createPool({ url: database.apiUrl, max: 1, name: 'test' });
    await expect(api.query('SELECT * FROM claim_unexported_runs(now(), now(), 1)')).rejects.toThrow(
      'permission denied',
    );
    await api.end();
  });
});

function historyOf(runId: string): History {
  const time = '2026-01-01T11:50:00Z';
  return historyFromJSON({
    events: [
      {
        eventId: '1',
        eventTime: time,
        eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
        workflowExecutionStartedEventAttributes: { originalExecutionRunId: runId },
      },
      {
        eventId: '2',
        eventTime: time,
        eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED',
        workflowExecutionCompletedEventAttributes: {},
      },
    ],
  });
}
