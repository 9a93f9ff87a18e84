/** All that is at hand of one conversation, read from the database and Temporal, or from a file alone: the same to whoever audits. */
import type { Problem } from './chain.ts';
import type { CheckpointEvidence } from './checkpoints/covering.ts';
import type { StaleExport } from '../../store/exports.ts';
import type { GatheredRun } from './histories.ts';
import type { StoredConversation } from './stored.ts';

export interface Evidence {
  /** What the rows stand in, and all that stands beside them. */
  source: 'database' | 'file';
  stored: StoredConversation;
  runs: GatheredRun[];
  checkpoints: CheckpointEvidence;
  /** Exported files with words that were erased since, as far as the database knows. */
  toDelete: StaleExport[];
  /** What was found to be wrong in reading it. */
  problems: Problem[];
}
