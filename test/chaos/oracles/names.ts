/** Everybody who may object. A new one is listed here, and then asks for a defect that it sees (`scenario-oracles.test.ts`). */

/** Of every scenario under load: from the books, and by the product's own commands. */
export const bookOracles = [
  'lost',
  'falseAcknowledgement',
  'duplicate',
  'decidedOnce',
  'order',
  'owner',
  'limit',
  'ambiguous',
  'answers',
  'backlog',
] as const;
export const recordOracles = ['invariants', 'chains', 'replay'] as const;

/** Of single scenarios; `played`: it could not be played as it is meant to be. */
export const scenarioOracles = [
  'accepted',
  'receipts',
  'retry-after',
  'rate',
  'parked',
  'deadlines',
  'clocks',
  'model',
  'rebuilt',
  'one-answer',
  'shed',
  'struck',
  'leaving',
  'played',
] as const;

export type BookOracle = (typeof bookOracles)[number];
export type RecordOracle = (typeof recordOracles)[number];
export type OracleName = BookOracle | RecordOracle | (typeof scenarioOracles)[number];

export const oracleNames: readonly OracleName[] = [...bookOracles, ...recordOracles, ...scenarioOracles];
