/** Settings of an outside party: checked as a whole by its adapter, so that nothing half usable is ever saved. */
import type { ChannelAdapter } from '../adapters/contract/channel.ts';
import type { Registry } from './dependencies.ts';
import { toIssue } from './errors.ts';
import { type Issue, Problem } from './problem.ts';

type Checks = Pick<ChannelAdapter, 'type' | 'settings'>;

export function adapterOf<A extends Checks>(registry: Registry<A>, type: string): A {
  const adapter = registry.get(type);
  if (adapter === undefined) {
    const known = [...registry.keys()].join(', ');
    throw new Problem('invalid-settings', { issues: [{ path: ['body', 'type'], message: `One of: ${known}` }] });
  }
  return adapter;
}

/** The settings with the adapter's defaults in them. */
export function checkedSettings({ settings: schema }: Checks, settings: unknown): unknown {
  const result = schema.safeParse(settings);
  if (!result.success) {
    throw new Problem('invalid-settings', { issues: (result.error?.issues ?? []).map(issueOf) });
  }
  return result.data;
}

function issueOf(issue: unknown): Issue {
  const { path = [], message = 'Not acceptable.' } = issue as { path?: PropertyKey[]; message?: string };
  return toIssue('body', { path: ['settings', ...path], message });
}
