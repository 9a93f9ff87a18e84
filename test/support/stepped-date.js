// Of a process that is started with this: `Date` is off by what a file says, as if the machine's clock had been set.
import { readFileSync } from 'node:fs';

const file = process.env['STEPPED_DATE_FILE'];
const True = Date;
const rereadMs = 20;
let offMs = 0;
let readAt = -Infinity;

function now() {
  if (performance.now() - readAt > rereadMs) {
    offMs = Number(readFileSync(file, 'utf8')) * 1_000;
    readAt = performance.now();
  }
  return True.now() + offMs;
}

class SteppedDate extends True {
  /** @param {ConstructorParameters<DateConstructor> | []} given */
  constructor(...given) {
    if (given.length === 0) super(now());
    else super(...given);
  }

  static now() {
    return now();
  }
}
globalThis.Date = SteppedDate;
