/**
 * Does this code decide what was recorded? For every run: *same*; *differs* (another build wrote it, and this one decides
 * otherwise: no fault by itself); or *failed* (this very build can't follow its own history). Names the decision.
 */
import type { StoredEvent } from '../../store/event-log.ts';
import { canonicalText } from '../../store/chain.ts';
import type { Decision, Replayed, RunToReplay } from '../replay.ts';
import { parseEventData } from './event-data.ts';
import { answersIn, buildsIn, type RecordedAnswer } from './history.ts';

export interface ReplayedRun extends RunToReplay {
  runId: string;
}

export interface RunReport {
  runId: string;
  /** Builds that wrote the run. */
  builds: string[];
  verdict: 'same' | 'differs' | 'failed';
  /** Decisions that this code repeated. */
  decisions: number;
  /** Decisions whose events were compared, too: where there are no events at hand, Temporal's order alone is. */
  compared: number;
  /** Where and how they part; null: they don't. */
  parting: Parting | null;
}

export interface Parting {
  /** Version of the record that is no longer the same, or after which the run goes another way. */
  version: number | null;
  /** Of the decision, as recorded. */
  events: { no: number; type: string }[];
  says: string;
}

/** `events`: of the conversation, where they are at hand. `build`: of this code. */
export function judge(
  { run, parted, decisions }: Replayed<ReplayedRun>,
  events: StoredEvent[] | null,
  build: string,
): RunReport {
  const builds = buildsIn(run.history);
  const recorded = answersIn(run.history).filter(({ kind }) => kind === 'recorded');
  const byVersion = groupByVersion(events ?? []);
  const parting =
    changedDecision(decisions, byVersion, events !== null) ??
    partedWay(parted, decisions, recorded, byVersion) ??
    passedOver(decisions, recorded, byVersion);
  const ours = builds.every((one) => one === build);
  return {
    runId: run.runId,
    builds,
    verdict: parting === null ? 'same' : ours ? 'failed' : 'differs',
    decisions: decisions.length,
    compared: events === null ? 0 : decisions.length,
    parting,
  };
}

type ByVersion = Map<number, StoredEvent[]>;

function groupByVersion(events: StoredEvent[]): ByVersion {
  const groups: ByVersion = new Map();
  for (const event of events) groups.set(event.version, [...(groups.get(event.version) ?? []), event]);
  return groups;
}

/** The first decision with other events than were recorded. */
function changedDecision(decisions: Decision[], byVersion: ByVersion, known: boolean): Parting | null {
  if (!known) return null;
  for (const { version, events } of decisions) {
    const stored = byVersion.get(version) ?? [];
    const before = stored.map(({ data }) => comparable(parseEventData(data)));
    const now = events.map(comparable);
    if (before.length === now.length && before.every((text, index) => text === now[index])) continue;
    const index = before.findIndex((text, at) => text !== now[at]);
    const other = events[index === -1 ? before.length : index]?.event.type;
    const types = events.map(({ event }) => event.type).join(', ') || 'nothing';
    const says =
      other !== undefined && other === stored[index]?.type
        ? `this code gives ${other} (event ${stored[index]?.no}) another content`
        : `this code decides ${types}`;
    return { version, events: named(stored), says };
  }
  return null;
}

function comparable(data: { event: unknown; cause: unknown } | null): string {
  return canonicalText({ event: data?.event, cause: data?.cause });
}

/** Temporal could not go on: what followed the last decision that both have is not what the history holds. */
function partedWay(
  parted: string | null,
  decisions: Decision[],
  recorded: RecordedAnswer[],
  byVersion: ByVersion,
): Parting | null {
  if (parted === null) return null;
  const version = decisions.at(-1)?.version ?? null;
  const next = recorded[decisions.length];
  const before = next ? `before decision ${next.version} (history event ${next.eventId})` : 'after the last decision';
  return { version, events: named(byVersion.get(version ?? -1) ?? []), says: `goes another way ${before}: ${parted}` };
}

/** It ran to the end, but records that the history holds were never asked for. */
function passedOver(decisions: Decision[], recorded: RecordedAnswer[], byVersion: ByVersion): Parting | null {
  const missed = recorded.find((answer, index) => decisions[index]?.version !== answer.version);
  if (missed === undefined) return null;
  return {
    version: missed.version,
    events: named(byVersion.get(missed.version) ?? []),
    says: 'this code never decides',
  };
}

function named(events: StoredEvent[]): Parting['events'] {
  return events.map(({ no, type }) => ({ no, type }));
}
