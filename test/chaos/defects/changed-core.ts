/** Workers whose workflow is of other code than they say. */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleReplacing } from '../../replay/changed/bundle.ts';
import type { Arena } from '../arena.ts';
import type { Defect } from './defect.ts';

/** `files`: of workflows/conversation, each with what stands in for it. */
export function withCore(files: Record<string, URL>): Defect['plant'] {
  return async ({ installation: { bundle, workers } }: Arena) => {
    const path = join(dirname(bundle), 'changed.js');
    const paths = Object.entries(files).map(([file, url]) => [file, fileURLToPath(url)] as const);
    await writeFile(path, await bundleReplacing(Object.fromEntries(paths)));
    const restart = async (settings: Record<string, string>): Promise<void> => {
      await Promise.all(
        workers.map(async (worker) => {
          await worker.end('SIGKILL');
          await worker.start(settings);
        }),
      );
    };
    await restart({ BATON_WORKFLOW_BUNDLE: path });
    return () => restart({});
  };
}
