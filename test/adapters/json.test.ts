import { describe, expect, test } from 'vitest';
import { asText, nestedAtMost, readJson } from '../../adapters/json.ts';

const bytes = (text: string) => Buffer.from(text);

describe('R21: what is read can be stored', () => {
  test.each([
    ['NUL', '{"a":"x\\u0000y"}', { a: 'x\uFFFDy' }],
    ['NUL in a key', '{"a\\u0000":[{"b\\u0000":1}]}', { 'a\uFFFD': [{ 'b\uFFFD': 1 }] }],
    ['a lone surrogate', '["\\ud83d","\\udc4d","\\ud83d\\udc4d"]', ['\uFFFD', '\uFFFD', '👍']],
    ['ordinary escapes', '"\\u00e9\\n\\"\\\\u0000"', 'é\n"\\u0000'],
  ])('%s', (_, json, value) => {
    expect(readJson(bytes(json))).toEqual({ ok: true, value });
  });

  test.each([
    '{"__proto__":{"admin":true},"a":1}',
    '{"\\u005f_proto__":{"admin":true},"a":1}',
    '{"__pr\\u006fto__":1,"a":1}',
  ])('no prototype from %s', (json) => {
    const read = readJson(bytes(json));
    expect(read).toEqual({ ok: true, value: { a: 1 } });
    expect(Object.keys((read as { value: object }).value)).toEqual(['a']);
  });
});

test.each([
  [bytes('{"a":'), 'not-json'],
  [bytes(''), 'not-json'],
  [bytes(`"\\u0061"${'['.repeat(100_000)}`), 'not-json'],
  [Buffer.from([0x22, 0xff, 0x22]), 'not-utf8'],
])('R21: what is no JSON is an answer', (body, because) => {
  expect(readJson(body)).toEqual({ ok: false, because });
});

test('R21: any bytes can be kept as text', () => {
  expect(asText(Buffer.from([0x61, 0x00, 0xff, 0xc3, 0xa9]))).toBe('a\uFFFD\uFFFDé');
});

test('R21: depth is measured no deeper than asked', () => {
  const deep = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) as unknown;
  expect(nestedAtMost(deep, 16)).toBe(false);
  expect(nestedAtMost({ a: [{ b: 1 }] }, 3)).toBe(true);
  expect(nestedAtMost({ a: [{ b: 1 }] }, 2)).toBe(false);
});
