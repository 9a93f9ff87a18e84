import { defineConfig } from 'vitest/config';

/** These folders need no server; `vitest run test/workflows/conversation` therefore starts none. */
const pure = [
  'test/audit/offline/**/*.test.ts',
  'test/audit/sentences.test.ts',
  'test/chaos/oracles.test.ts',
  'test/chaos/scenario-oracles.test.ts',
  'test/workflows/conversation/**/*.test.ts',
  'test/workflows/actor/**/*.test.ts',
  'test/adapters/**/*.test.ts',
  'test/process/clock.test.ts',
  'test/dev/compose.test.ts',
  'test/dev/docs.test.ts',
  'test/dev/folder.test.ts',
  'test/dev/operations.test.ts',
  'test/dev/import-rules.test.ts',
  'test/dev/shell.test.ts',
];

export default defineConfig({
  test: {
    projects: [
      {
        // The limit only ends a test that hangs, on however busy a machine.
        test: { name: 'pure', include: pure, testTimeout: 60_000 },
      },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: pure,
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
