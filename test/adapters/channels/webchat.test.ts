import { Script } from 'node:vm';
import { beforeAll, describe, expect, test } from 'vitest';
import { allowsOrigin, appearance } from '../../../adapters/channels/webchat/settings.ts';
import { readVisitor } from '../../../adapters/channels/webchat/visitor-token.ts';
import { widgetFiles } from '../../../adapters/channels/webchat/widget/files.ts';
import { now } from '../raw-request.ts';

describe('which pages may hold the chat', () => {
  const own = 'https://baton.example';
  test.each([
    ['our own page', [], own, true],
    ['no page at all', [], undefined, true],
    ['a page of nobody', [], 'https://shop.example', false],
    ['a page of the list', ['https://shop.example'], 'https://shop.example', true],
    ['the same host on another port', ['https://shop.example'], 'https://shop.example:8443', false],
    ['the same host without TLS', ['https://shop.example'], 'http://shop.example', false],
    ['a host that only begins like it', ['https://shop.example'], 'https://shop.example.evil.example', false],
    ['an opaque page', ['https://shop.example'], 'null', false],
    ['any page', ['*'], 'https://anything.example', true],
  ])('%s', (_, allowedOrigins, origin, allowed) => {
    expect(allowsOrigin({ allowedOrigins }, origin, own)).toBe(allowed);
  });

  test('settings that can not be read allow nothing', () => {
    expect(allowsOrigin({ allowedOrigins: '*' }, 'https://shop.example', own)).toBe(false);
  });
});

test('the script learns how to look, and nothing else', () => {
  expect(
    appearance({ title: 'Ask us', colours: { accent: '#123456' }, allowedOrigins: ['https://secret.example'] }),
  ).toEqual({
    title: 'Ask us',
    greeting: '',
    colours: { accent: '#123456', onAccent: '#ffffff' },
  });
  expect(appearance(undefined)).toMatchObject({ title: 'Chat with us' });
});

describe('a visitor of whom the site vouches', () => {
  const seconds = (ms: number) => Math.floor((now + ms) / 1000);
  const claims = {
    sub: 'u1',
    exp: seconds(3_600_000),
    name: 'Ann',
    email: 'ann@shop.example',
    phone: '+31612345678',
    role: 'admin',
  };

  test('has an id and what was signed of the rest', () => {
    expect(readVisitor(claims, now)).toEqual({
      ok: true,
      visitor: { externalId: 'u1', name: 'Ann', emails: ['ann@shop.example'], phones: ['+31612345678'] },
    });
    expect(readVisitor({ sub: 7, exp: claims.exp, email: '' }, now)).toEqual({
      ok: true,
      visitor: { externalId: '7' },
    });
  });

  test('R21: has a name that can be stored', () => {
    expect(readVisitor({ ...claims, name: 'A\0nn' }, now)).toMatchObject({ visitor: { name: 'A\uFFFDnn' } });
  });

  test.each([
    ['expired', { exp: seconds(0) }, 'visitor-token-expired'],
    ['valid for longer than an hour', { exp: seconds(3_600_000 + 120_000) }, 'visitor-token-too-long'],
    ['valid for ever', { exp: undefined }, 'visitor-token-unreadable'],
    ['of nobody', { sub: '' }, 'visitor-token-unreadable'],
  ])('%s', (_, change, code) => {
    expect(readVisitor({ ...claims, ...change }, now)).toEqual({ ok: false, code });
  });
});

describe('the script that sites embed', () => {
  let script: string;
  beforeAll(async () => (script = (await widgetFiles['widget.js'].read()).toString()));

  test('is one file of plain JavaScript', () => {
    expect(() => new Script(script)).not.toThrow();
    expect(script).not.toMatch(/\bimport\b|\bexport\b/);
  });

  test('R29: makes no markup and no code of words', () => {
    expect(script).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|srcdoc|\beval\b|new Function/,
    );
  });

  test('keeps the token out of addresses', () => {
    expect(script.match(/token/g)?.length).toBeGreaterThan(3);
    expect(script).not.toMatch(/["'`][^"'`]*[?&][a-z]*token/i);
  });

  test('the demo page runs no code of its own, as our content security policy demands', async () => {
    const page = (await widgetFiles['demo.html'].read()).toString();
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|\son[a-z]+=/);
    expect(page).toContain('src="demo.js"');
  });
});
