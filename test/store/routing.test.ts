import { describe, expect, test } from 'vitest';
import { webstoreOf, type RequestFacts } from '../../store/routing.ts';

const facts = (pageUrl: string | null, webstore: string | null = null): RequestFacts => ({
  groupId: null,
  deskId: null,
  skill: null,
  webstore,
  pageUrl,
  channelGroupId: null,
});
const fits = (pattern: string, pageUrl: string) =>
  webstoreOf(facts(pageUrl), { webstores: [{ pattern, webstore: 'it' }] }) === 'it';

describe('S3-4: the webstore of a page', () => {
  test.each([
    ['shop.example', 'https://shop.example', true],
    ['shop.example', 'https://shop.example/', true],
    ['shop.example', 'http://SHOP.example:8080/any/Page?q=1#top', true],
    ['https://shop.example/', 'https://shop.example/any', true],
    ['shop.example', 'https://www.shop.example/', false],
    ['shop.example', 'https://shop.example.evil.test/', false],
    ['*.shop.example', 'https://www.shop.example/', true],
    ['*.shop.example', 'https://shop.example/', false],
    ['*.shop.example', 'https://evil.test/www.shop.example/', false],
    ['*shop.example', 'https://myshop.example/', true],
    ['shop.example/de/', 'https://shop.example/de/cart', true],
    ['shop.example/de/', 'https://shop.example/de/', true],
    ['shop.example/de/', 'https://shop.example/de', false],
    ['shop.example/de', 'https://shop.example/de', true],
    ['shop.example/de', 'https://shop.example/de/cart', false],
    ['shop.example/de*', 'https://shop.example/desk', true],
    ['shop.*/*/cart', 'https://shop.fr/a/b/cart', true],
    ['shop.*/*/cart', 'https://shop.fr/cart', false],
    ['*/cart', 'https://any.test/cart', true],
    ['aa*aa', 'https://aaa/', false],
    ['*', 'https://any.test/at/all', true],
    ['', 'https://any.test/', false],
    ['.*', 'https://any.test/', false],
    ['shop.example', 'not a page', false],
  ])('%j fits %s: %s', (pattern, pageUrl, expected) => {
    expect(fits(pattern, pageUrl)).toBe(expected);
  });

  test('a pattern that would stop a regular expression is judged at once', () => {
    expect(fits(`${'a*'.repeat(2_000)}b/`, `https://host/${'a'.repeat(2_000)}`)).toBe(false);
    expect(fits(`host/${'a*'.repeat(2_000)}b`, `https://host/${'a'.repeat(50_000)}`)).toBe(false);
  });

  test('the request’s own counts, unless it is empty; without a page nothing is guessed', () => {
    const routing = { webstores: [{ pattern: '*', webstore: 'by page' }] };
    expect(webstoreOf(facts('https://any.test/', ' named '), routing)).toBe('named');
    expect(webstoreOf(facts('https://any.test/', '  '), routing)).toBe('by page');
    expect(webstoreOf(facts(null), routing)).toBe(null);
    expect(webstoreOf(facts('https://any.test/'), {})).toBe(null);
  });
});
