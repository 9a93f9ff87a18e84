import { beforeAll, describe, expect, test } from 'vitest';
import { buildBundle } from '../../worker/bundle.ts';

let code: string;
beforeAll(async () => {
  code = (await buildBundle()).code;
});

/** What webpack put in, by its path from the project's root. */
function modules(): string[] {
  return [...code.matchAll(/!\*\*\* (\.\/\S+?\.[cm]?[jt]s)/g)].map(([, path = '']) => path);
}

function packages(): Set<string> {
  const names = modules().flatMap((path) => /^\.\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  return new Set(names);
}

describe('the workflow bundle', () => {
  test('holds nothing but the SDK’s workflow part and our workflows: no zod, which would cost every conversation memory', () => {
    const sdk = ['@temporalio/common', '@temporalio/workflow', 'long', 'ms', 'nexus-rpc'];
    expect([...packages()].filter((name) => !sdk.includes(name))).toEqual([]);
    const own = modules().filter((path) => !path.startsWith('./node_modules/'));
    expect(own.length).toBeGreaterThan(20);
    expect(own.filter((path) => !path.startsWith('./workflows/'))).toEqual([]);
    expect(code).not.toMatch(/\bzod\b/i);
  });

  test('stays as small as it is (877,000 characters, give or take 3 %): every worker loads it, and every cached conversation runs in it', () => {
    const [withoutMap = ''] = code.split('//# sourceMappingURL=');
    expect(withoutMap.length).toBeGreaterThan(877_000 * 0.97);
    expect(withoutMap.length).toBeLessThan(877_000 * 1.03);
  });

  test('is the same for the same code', async () => {
    expect((await buildBundle()).code).toBe(code);
  });
});
