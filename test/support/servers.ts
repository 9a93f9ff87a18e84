import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    adminUrl: string;
    temporalAddress: string;
  }
}

/** Superuser's URL of the Postgres of this test run. Files run side by side: make a database of your own. */
export const adminUrl = (): string => inject('adminUrl');

/** The Temporal server of this test run, namespace `default`. Files run side by side: use task queues of your own. */
export const temporalAddress = (): string => inject('temporalAddress');
