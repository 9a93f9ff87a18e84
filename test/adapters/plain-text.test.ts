import { expect, test } from 'vitest';
import { plainText } from '../../adapters/plain-text.ts';

test.each([
  ['emphasis', '**a** __b__ *c* _d_ ~~e~~ ***f***', 'a b c d e f'],
  [
    'emphasis within emphasis',
    '**all of *this* and `x_y`**, **see [it](https://shop.example)**',
    'all of this and x_y, see it (https://shop.example)',
  ],
  ['no emphasis inside words and sums', 'snake_case_name 2 * 3 * 4 a*b*c 5*6', 'snake_case_name 2 * 3 * 4 a*b*c 5*6'],
  [
    'links',
    '[shop](https://shop.example) [t](https://shop.example "Title")',
    'shop (https://shop.example) t (https://shop.example)',
  ],
  ['a link that is its own words', '[https://shop.example](https://shop.example)', 'https://shop.example'],
  ['bare links', 'see <https://shop.example>', 'see https://shop.example'],
  ['images', '![A map](https://shop.example/m.png)', 'A map: https://shop.example/m.png'],
  ['headings', '# One\n## Two ##\ntext', 'One\nTwo\ntext'],
  ['lists', '* a\n+ b\n- c\n1. d', '- a\n- b\n- c\n1. d'],
  ['code as it is', 'run `a_b_c *x*` or\n```sh\nnpm *run* _dev_\n```', 'run a_b_c *x* or\nnpm *run* _dev_'],
  ['escapes', '\\*not bold\\* and 1\\. no list', '*not bold* and 1. no list'],
  ['no NUL for a mark of our own', '`\0' + '0\0`', '\uFFFD0\uFFFD'],
  ['addresses with underscores', 'https://shop.example/a_b_c/_d_', 'https://shop.example/a_b_c/_d_'],
])('S0-5: %s', (_, markdown, text) => {
  expect(plainText(markdown)).toBe(text);
});
