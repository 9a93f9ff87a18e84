import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseFile } from '../../worker/audit/file.ts';
import { foldEvents } from '../../worker/audit/fold.ts';
import { answersIn, headsIn, parseHistory, unpackHistory } from '../../worker/audit/history.ts';
import { replayAndJudge, type RecordedRun } from '../../worker/audit/replay-all.ts';
import type { RunReport } from '../../worker/audit/replays.ts';
import { verifyChain } from '../../worker/audit/chain.ts';
import { buildBundle } from '../../worker/bundle.ts';
import { goldens, recordGoldens, scenarios } from './record-goldens.ts';

let code: string;
let runs: (RecordedRun & { name: string })[];

beforeAll(async () => {
  const which = process.env['RECORD_GOLDENS'];
  if (which) await recordGoldens(which);
  code = (await buildBundle()).code;
  runs = [];
  for (const name of (await readdir(goldens)).toSorted()) {
    const text = await readFile(new URL(name, goldens), 'utf8');
    runs.push(...parseFile(text).map((run) => ({ ...run, name })));
  }
}, 600_000);

async function replay(): Promise<{ name: string; report: RunReport }[]> {
  const reports: { name: string; report: RunReport }[] = [];
  for await (const { run, report } of replayAndJudge({ code, build: 'stack' }, runs)) {
    reports.push({ name: run.name, report });
  }
  return reports;
}

describe('golden histories', () => {
  test('R14: this code decides today what it decided when they were recorded', async () => {
    const reports = await replay();
    const others = reports.filter(({ report }) => report.verdict !== 'same');
    expect(others.map(({ name, report }) => ({ name, ...report }))).toEqual([]);
    expect(reports.every(({ report }) => report.compared === report.decisions && report.decisions > 0)).toBe(true);
  });

  test('there is one of every scenario', () => {
    expect([...new Set(runs.map(({ name }) => name))]).toEqual(scenarios.map(({ name }) => `${name}.json`).toSorted());
  });

  test('they go through every state', () => {
    const states = runs.flatMap(({ events }) => foldEvents(events ?? []).map(({ after }) => after?.phase.name));
    expect(new Set(states)).toEqual(new Set(['bot', 'prechat', 'queued', 'assigned', 'resolved', 'blocked']));
  });

  test('every timer fires in one of them', () => {
    const fired = runs.flatMap(({ events }) =>
      foldEvents(events ?? []).flatMap(({ data }) => (data?.cause.kind === 'deadline' ? [data.cause.deadline] : [])),
    );
    expect([...new Set(fired)].toSorted()).toEqual([
      'block-expiry',
      'bot-turn',
      'desk-lost',
      'first-reply',
      'held-too-long',
      'idle-close',
      'idle-warning',
      'offer',
      'prechat-abandoned',
      'queue-wait',
      'session',
    ]);
  });

  test('one continues as new, and in one Postgres is away for a while', () => {
    const longest = runs.filter(({ name }) => name === 'continue-as-new.json');
    expect(longest.length).toBeGreaterThan(1);
    const away = runs.find(({ name }) => name === 'postgres-away-for-a-while.json');
    const patient = away?.history.events?.filter(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === 'record',
    );
    expect(patient).not.toEqual([]);
  });

  test('the heads in them are the links of their events', () => {
    for (const name of new Set(runs.map((run) => run.name))) {
      const own = runs.filter((run) => run.name === name);
      const heads = own.flatMap(({ history }) =>
        headsIn(history).map((head) => ({ ...head, by: 'Temporal' as const })),
      );
      const { problems } = verifyChain(own[0]?.events ?? [], null, heads);
      expect(problems.map(({ says }) => says)).toEqual(['the actor has no row, so nothing says where its chain ends']);
    }
  });

  test('every record in them has an answer that can be read', () => {
    for (const { history } of runs) {
      expect(answersIn(history).filter(({ by }) => by === 'record').length).toBeGreaterThan(0);
    }
  });
});

test('unpackHistory and parseHistory read what an export holds', async () => {
  const [name = ''] = await readdir(goldens);
  const { runs: stored } = JSON.parse(await readFile(new URL(name, goldens), 'utf8')) as {
    runs: { history: string }[];
  };
  expect(parseHistory(unpackHistory(Buffer.from(stored[0]?.history ?? '', 'base64'))).events?.length).toBeGreaterThan(
    2,
  );
});
