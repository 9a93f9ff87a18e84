/** The workflow as it is, but for one file of the core that a careless change has replaced. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** What webpack's factory of modules asks of a plugin; its own types are no dependency of ours. */
interface Compiler {
  hooks: {
    normalModuleFactory: {
      tap(name: string, use: (factory: { hooks: { beforeResolve: Hook } }) => void): void;
    };
  };
}
interface Hook {
  tap(name: string, change: (request: { request: string; context: string }) => void): void;
}

const changed = {
  'decide.ts': fileURLToPath(new URL('decide.ts', import.meta.url)),
  'pending.ts': fileURLToPath(new URL('pending.ts', import.meta.url)),
};

/** `file`: of workflows/conversation, and of this folder. */
export function bundleWithChanged(file: keyof typeof changed): Promise<string> {
  return bundleReplacing({ [file]: changed[file] });
}

/** `files`: of workflows/conversation, each with the path of what stands in for it. */
export async function bundleReplacing(files: Record<string, string>): Promise<string> {
  const replaced = new Set<string>();
  const replace = {
    apply({ hooks }: Compiler) {
      hooks.normalModuleFactory.tap('changed', (factory) =>
        factory.hooks.beforeResolve.tap('changed', (request) => {
          const file = request.request.replace(/^\.\//, '');
          const other = files[file];
          if (other === undefined || request.context !== path('../../../workflows/conversation')) return;
          request.request = other;
          replaced.add(file);
        }),
      );
    },
  };
  const { code } = await bundleWorkflowCode({
    workflowsPath: path('../../../workflows/conversation/workflow.ts'),
    logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
    webpackConfigHook: (config) => ({ ...config, plugins: [...(config.plugins ?? []), replace] }),
  });
  const forgotten = Object.keys(files).filter((file) => !replaced.has(file));
  if (forgotten.length > 0) throw new Error(`nothing imports ${forgotten.join(', ')}`);
  return code;
}

function quiet(): void {}
