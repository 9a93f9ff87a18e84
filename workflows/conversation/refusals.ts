/**
 * What the record transaction may answer instead of committing; no other code ever comes (store/record.test.ts holds the
 * database to it). It goes back into `decide` as a fact, but for two: the shell reads facts that have changed anew where
 * they were read for the input, and parks what no table takes.
 */
export const refusals = [
  'inbox-waiting',
  'context-changed',
  'agent-at-limit',
  'agent-offline',
  'agent-not-in-group',
  'agent-not-for-this-bot',
  'agent-unknown',
  'group-unknown',
  'blocked',
  'claim-gone',
  'draft-unknown',
  'contact-erased',
  'another-attempt',
  'unrecordable',
] as const;

export type Refusal = (typeof refusals)[number];
