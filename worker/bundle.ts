/** The workflow bundle: built once, loaded by every worker, the same bytes for the same code. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

const workflowsPath = fileURLToPath(new URL('../workflows/conversation/workflow.ts', import.meta.url));

export function buildBundle(): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath,
    // Its progress is of no use to anybody; what goes wrong is thrown.
    logger: { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore },
  });
}

export async function writeBundle(path: string): Promise<void> {
  const { code } = await buildBundle();
  await writeFile(path, code);
}

function ignore(): void {}
