/** Adapters that broke their promise not to throw, as operators hear of them: counted, and logged without a word. */
import type { Logger } from 'pino';
import type { AdapterBug } from '../activities/dependencies.ts';
import { codeOf, describeError } from '../process/failures.ts';
import type { WorkerMetrics } from './metrics.ts';

export function reportAdapterBugs(
  logger: Logger,
  { adapterBugs }: Pick<WorkerMetrics, 'adapterBugs'>,
): (bug: AdapterBug) => void {
  return ({ adapter, error }) => {
    adapterBugs.inc({ adapter, failure: codeOf(error) });
    logger.error({ adapter, failure: describeError(error) }, 'an adapter threw');
  };
}
