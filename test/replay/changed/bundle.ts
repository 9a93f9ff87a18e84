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
export async function bundleWithChanged(file: keyof typeof changed): Promise<string> {
  let replaced = 0;
  const replace = {
    apply({ hooks }: Compiler) {
      hooks.normalModuleFactory.tap('changed', (factory) =>
        factory.hooks.beforeResolve.tap('changed', (request) => {
          if (request.request !== `./${file}` || request.context !== path('../../../workflows/conversation')) return;
          request.request = changed[file];
          replaced += 1;
        }),
      );
    },
  };
  const { code } = await bundleWorkflowCode({
    workflowsPath: path('../../../workflows/conversation/workflow.ts'),
    logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
    webpackConfigHook: (config) => ({ ...config, plugins: [...(config.plugins ?? []), replace] }),
  });
  if (replaced === 0) throw new Error(`nothing imports ${file}`);
  return code;
}

function quiet(): void {}
