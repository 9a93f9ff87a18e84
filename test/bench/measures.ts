/** The measures, by their ids in docs/requirements.md. */
import type { Measure } from './measure.ts';
import { p1 } from './measures/p1.ts';
import { p1b } from './measures/p1b.ts';
import { p2 } from './measures/p2.ts';
import { p3 } from './measures/p3.ts';
import { p4 } from './measures/p4.ts';
import { p5 } from './measures/p5.ts';
import { p6 } from './measures/p6.ts';
import { p9 } from './measures/p9.ts';
import { p10 } from './measures/p10.ts';
import { p11 } from './measures/p11.ts';
import { p12 } from './measures/p12.ts';
import { p13 } from './measures/p13.ts';

export const measures: Record<string, Measure> = {
  P1: p1,
  P1b: p1b,
  P2: p2,
  P3: p3,
  P4: p4,
  P5: p5,
  P6: p6,
  P9: p9,
  P10: p10,
  P11: p11,
  P12: p12,
  P13: p13,
};
