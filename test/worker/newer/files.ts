/** What the next release has changed: files of workflows/conversation, by their names. */
import { fileURLToPath } from 'node:url';

export const newer = {
  'decide.ts': fileURLToPath(new URL('decide.ts', import.meta.url)),
  'perform.ts': fileURLToPath(new URL('perform.ts', import.meta.url)),
};

/** The other way that was tried. */
export const patched = {
  'perform.ts': fileURLToPath(new URL('patched-perform.ts', import.meta.url)),
};
