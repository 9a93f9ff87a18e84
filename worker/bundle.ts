/** The workflow bundle: built once, loaded by every worker, the same bytes for the same code. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** A built program has it beside itself, and no sources to build it from. */
const isBuilt = !import.meta.url.endsWith('.ts');

export async function buildBundle(): Promise<{ code: string }> {
  if (isBuilt) return { code: await readFile(new URL('./workflow-bundle.js', import.meta.url), 'utf8') };
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const workflowsPath = fileURLToPath(new URL('../workflows/conversation/workflow.ts', import.meta.url));
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
