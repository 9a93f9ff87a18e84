/** Literals of JSON that belong nowhere, so that what no parser of ours would write gets there too. */
import fc from 'fast-check';

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

export const junkLiteral: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    '0',
    '-1',
    '1.5',
    '1e308',
    '1e999',
    '-1e999',
    '9007199254740993',
    '1'.repeat(400),
    '""',
    '" "',
    '[]',
    '{}',
    '[[]]',
    '"\\u0000"',
    '"a\\u0000b"',
    '"\\ud800"',
    '"\\udc00x"',
    '"\\\\u0000"',
    '{"__proto__":{"x":1}}',
    '{"\\u0000":"\\u0000"}',
    '{"a\\u0000":1,"a\\ufffd":2}',
    deep(70),
    deep(500),
    deep(20_000),
    `{"a":${deep(5_000)}}`,
  ),
  fc
    .constantFrom('x'.repeat(300), 'x'.repeat(3_000), '-'.repeat(36), `${'-'.repeat(36)}:h1`, '%00', '\\x00')
    .map((text) => JSON.stringify(text)),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => JSON.stringify(text)),
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
);

/** `body` as JSON with one of its leaves, or a branch, replaced. */
export function spoilt(body: unknown): fc.Arbitrary<string> {
  const places = placesOf(body).filter((place) => place.length > 0);
  if (places.length === 0) return junkLiteral;
  return fc.tuple(fc.constantFrom(...places), junkLiteral).map(([place, value]) => replaced(body, place, value));
}

function placesOf(value: unknown, at: string[] = []): string[][] {
  const children = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [at, ...children.flatMap(([key, child]) => placesOf(child, [...at, key]))];
}

function replaced(value: unknown, [key, ...rest]: string[], by: string): string {
  if (key === undefined) return by;
  const write = (name: string, child: unknown): string =>
    name === key ? replaced(child, rest, by) : JSON.stringify(child);
  if (Array.isArray(value)) return `[${value.map((child, index) => write(String(index), child)).join(',')}]`;
  const members = Object.entries(value as object).map(
    ([name, child]) => `${JSON.stringify(name)}:${write(name, child)}`,
  );
  return `{${members.join(',')}}`;
}
