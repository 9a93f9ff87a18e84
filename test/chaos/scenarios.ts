/** All scenarios, by their id in the order in which they are run. */
import type { Scenario } from './scenario.ts';
import { r1 } from './scenarios/r01-worker-kills.ts';
import { r2 } from './scenarios/r02-temporal-kills.ts';
import { r3 } from './scenarios/r03-postgres-kills.ts';
import { r4 } from './scenarios/r04-api-kills.ts';
import { r5 } from './scenarios/r05-everything.ts';
import { r6 } from './scenarios/r06-repeats.ts';
import { r7 } from './scenarios/r07-receipts.ts';
import { r8 } from './scenarios/r08-rough-channel.ts';
import { r9 } from './scenarios/r09-dead-channel.ts';
import { r10 } from './scenarios/r10-poison.ts';
import { r11 } from './scenarios/r11-deadlines.ts';
import { r12 } from './scenarios/r12-model.ts';
import { r16 } from './scenarios/r16-continue-as-new.ts';
import { r17 } from './scenarios/r17-rebuild.ts';
import { r24 } from './scenarios/r24-idempotency.ts';
import { r25 } from './scenarios/r25-overload.ts';
import { r26 } from './scenarios/r26-no-writing.ts';
import { r28 } from './scenarios/r28-leaving.ts';

const all: Scenario[] = [r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12, r16, r17, r24, r25, r26, r28];

export const scenarios: ReadonlyMap<string, Scenario> = new Map(all.map((one) => [one.id, one]));
