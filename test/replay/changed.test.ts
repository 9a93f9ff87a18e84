import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parseFile } from '../../worker/audit/file.ts';
import { replayAndJudge, type RecordedRun } from '../../worker/audit/replay-all.ts';
import type { RunReport } from '../../worker/audit/replays.ts';
import { bundleWithChanged } from './changed/bundle.ts';
import { goldens } from './record-goldens.ts';

async function golden(name: string): Promise<RecordedRun[]> {
  return parseFile(await readFile(new URL(`${name}.json`, goldens), 'utf8'));
}

async function replay(code: string, runs: RecordedRun[], build = 'stack'): Promise<RunReport[]> {
  const reports: RunReport[] = [];
  for await (const { report } of replayAndJudge({ code, build }, runs)) reports.push(report);
  return reports;
}

describe('R14: a changed workflow is caught, with the decision named', () => {
  test('one that decides otherwise, though Temporal has nothing to object to', async () => {
    const [run] = await golden('people-pass-it-on');
    const code = await bundleWithChanged('decide.ts');
    const [report] = await replay(code, run ? [run] : []);
    const joined = run?.events?.find(({ type }) => type === 'ConversationAssigned');
    expect(report).toMatchObject({ verdict: 'failed', parting: { version: joined?.version } });
    expect(report?.parting?.events.map(({ type }) => type)).toContain('ConversationAssigned');
    expect(report?.parting?.says).toMatch(/^this code decides /);

    // What catches it is the comparison with the events: the order of activities alone shows nothing.
    const [alone] = await replay(code, run ? [{ ...run, events: null }] : []);
    expect(alone).toMatchObject({ verdict: 'same', compared: 0 });
  });

  test('one that does the same work in another order', async () => {
    const [run] = await golden('bot-intake-to-resolved');
    const [report] = await replay(await bundleWithChanged('pending.ts'), run ? [run] : []);
    expect(report?.verdict).toBe('failed');
    expect(report?.parting?.says).toMatch(
      /goes another way before decision \d+ \(history event \d+\): .*Nondeterminism/,
    );
  });

  test('of a run that another build wrote it is told that they differ', async () => {
    const runs = await golden('people-pass-it-on');
    const [report] = await replay(await bundleWithChanged('decide.ts'), runs, 'another');
    expect(report).toMatchObject({ verdict: 'differs', builds: ['stack'] });
  });
});
