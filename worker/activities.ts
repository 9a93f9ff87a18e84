/** All activities of a worker, from what they are made of. */
import type { Activities } from '../activities/contract.ts';
import { createCourierActivities } from '../activities/courier.ts';
import type { WorkDependencies } from '../activities/dependencies.ts';
import { createExportHistory, type FetchHistory } from '../activities/export-history.ts';
import { createLoad, createReadContext } from '../activities/load.ts';
import { createNoticeWriter } from '../activities/notices.ts';
import { createRecord } from '../activities/record.ts';
import { createWorkActivities } from '../activities/work.ts';
import { readContext } from '../store/context.ts';

interface ActivitiesOptions extends WorkDependencies {
  build: string;
  fetchHistory: FetchHistory;
}

export function createActivities(options: ActivitiesOptions): Activities {
  const { pool, clock, build, fetchHistory } = options;
  return {
    ...createWorkActivities(options),
    ...createCourierActivities({ pool, clock }),
    load: createLoad({ pool, readContext, build, clock }),
    readContext: createReadContext({ pool, readContext, clock }),
    record: createRecord({ pool, notices: createNoticeWriter(pool), clock }),
    exportHistory: createExportHistory({ pool, fetchHistory, clock }),
  };
}
