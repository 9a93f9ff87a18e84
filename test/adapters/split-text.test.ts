import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitText } from '../../adapters/split-text.ts';

test.each([
  ['what fits, as it is', ' a b ', 5, [' a b ']],
  ['between paragraphs', 'one two\n\nthree four', 15, ['one two', 'three four']],
  ['between lines', 'one two\nthree four five', 12, ['one two', 'three four', 'five']],
  ['behind sentences', 'One two. Three four.', 14, ['One two.', 'Three four.']],
  ['between words', 'one two three', 9, ['one two', 'three']],
  ['early, rather than inside an address', 'See https://shop.example/a', 25, ['See', 'https://shop.example/a']],
  ['between characters', 'onetwothree', 4, ['onet', 'woth', 'ree']],
  ['not inside an emoji', '👍👍👍', 3, ['👍', '👍', '👍']],
  ['not inside a family', '👩‍👩‍👧👩‍👩‍👧', 10, ['👩‍👩‍👧', '👩‍👩‍👧']],
  ['not early, for the sake of a good place', 'a\n\nbcdefgh ijklmnop', 12, ['a\n\nbcdefgh', 'ijklmnop']],
])('S0-5: cuts %s', (_, text, max, parts) => {
  expect(splitText(text, max)).toEqual(parts);
});

test('S0-5: a word that fits into a part stays whole', () => {
  const word = fc.stringMatching(/^[a-z/:.]{1,20}$/);
  const text = fc.array(word, { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(text, fc.constantFrom(' ', '\n', '\n\n'), fc.integer({ min: 20, max: 60 }), (words, between, max) => {
      const parts = splitText(words.join(between), max);
      expect(parts.flatMap((part) => part.split(/\s+/))).toEqual(words);
    }),
  );
});

test('S0-5: every part fits and none is empty; only white space at the cuts is gone', () => {
  const visible = (text: string) => text.replaceAll(/\s/g, '');
  const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.lorem({ mode: 'sentences', maxCount: 20 }));
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 80 }), (whole, max) => {
      const parts = splitText(whole, max);
      parts.forEach((part) => expect(part.length).toBeLessThanOrEqual(max));
      expect(parts.filter((part) => part.trim() === '').length).toBe(whole.trim() === '' ? 1 : 0);
      expect(visible(parts.join(''))).toBe(visible(whole));
      expect(parts.join('\n')).not.toMatch(/\p{Surrogate}/u);
    }),
  );
});
