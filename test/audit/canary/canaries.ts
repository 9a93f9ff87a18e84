/** Strings that are nowhere else, one for each field that a person can fill; what finds one knows where it came from. */
import { randomInt } from 'node:crypto';

export interface Canaries {
  /** The same for the same field. */
  of(field: string): string;
  phone(): string;
  email(field: string): string;
  url(field: string): string;
  /** What others made, and what must be found nowhere either: a secret. */
  secret(field: string, value: string): void;
  /** Field → string, of all that were asked for. */
  planted(): Map<string, string>;
}

export function createCanaries(): Canaries {
  const run = randomInt(1e9, 1e10 - 1);
  const planted = new Map<string, string>();
  const plant = (field: string, canary: string): string => {
    planted.set(field, canary);
    return canary;
  };
  const of = (field: string): string => plant(field, `canary${run}${field}`);
  return {
    of,
    phone: () => plant('phone', `+49${run}`),
    email: (field) => `${of(field)}@example.org`,
    url: (field) => `https://${of(field)}.example/path`,
    secret: (field, value) => void plant(field, value),
    planted: () => planted,
  };
}

/** Fields whose canary stands in one of these, in one piece, in any case. */
export function found(planted: Map<string, string>, where: unknown): string[] {
  const text = everythingIn(where).toLowerCase();
  return [...planted].flatMap(([field, canary]) => (text.includes(canary.toLowerCase()) ? [field] : []));
}

/** All strings and bytes of a value, however deep, and the names of its members. */
function everythingIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (typeof value !== 'object' || value === null) return '';
  const members = Object.entries(value);
  return members.map(([name, member]) => `${name}\n${everythingIn(member)}`).join('\n');
}
