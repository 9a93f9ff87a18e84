/** All scenarios, by their id in the order in which they are run. */
import type { Scenario } from './scenario.ts';
import { r1 } from './scenarios/r01-worker-kills.ts';
import { r2 } from './scenarios/r02-temporal-kills.ts';
import { r3 } from './scenarios/r03-postgres-kills.ts';
import { r4 } from './scenarios/r04-api-kills.ts';
import { r5 } from './scenarios/r05-everything.ts';

const all: Scenario[] = [r1, r2, r3, r4, r5];

export const scenarios: ReadonlyMap<string, Scenario> = new Map(all.map((one) => [one.id, one]));
