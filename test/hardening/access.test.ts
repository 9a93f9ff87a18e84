/**
 * R19, B-14: every operation of the OpenAPI document × everybody who can come. Who is not let in is told why and does nothing;
 * who is let in finds no more behind another account's id than behind one that nobody has, does nothing there, and stands
 * in the log. A route added tomorrow is covered by being in the document; one whose access nobody has thought of fails.
 */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dumpAccount } from '../api/dump.ts';
import { operationsOf, type Operation, urlOf } from '../api/operations.ts';
import { sampleOf } from '../api/samples.ts';
import { type Answer, createTestApi, type TestApi } from '../api/test-api.ts';
import { required } from '../support/required.ts';
import { type Belongings, belongingsOf } from './belongings.ts';
import { type Caller, callersOf, refusalOf } from './callers.ts';

const metricsKey = 'metrics-key-of-the-tests-at-least-32-chars';
const api: TestApi = await createTestApi({ config: { metricsKey } });
afterAll(() => api.close());

const operations = operationsOf(api.app).map((one) => ({ ...one, title: `${one.method} ${one.path}` }));
type Titled = (typeof operations)[number];

interface Owner {
  accountId: string;
  things: Belongings;
}
let own: Owner;
let other: Owner;
let callers: Caller[];

beforeAll(async () => {
  const [account, others] = [await api.account(), await api.account()];
  own = { ...account, things: await belongingsOf(api, account, { word: 'own', number: '76' }) };
  other = { ...others, things: await belongingsOf(api, others, { word: 'of the other', number: '90' }) };
  callers = await callersOf(api, account, own.things, metricsKey);
});

const ofOwn = (name: string): string => (own.things.has(name) ? own.things.idOf(name) : uuid());
const ofOther = (name: string): string => other.things.idOf(name);
const ofNobody = (name: string): string => (['version', 'seq', 'turn'].includes(name) ? '98' : uuid());

/** The body is in order and the caller's own, so that only the ids in the path are not. */
function ask(operation: Operation, caller: Caller, idOf: (name: string) => string): Promise<Answer> {
  const { method, body } = operation;
  const sent = body === null ? undefined : sampleOf(body, { whole: true, idOf: ofOwn });
  return api.call(caller.token, method, urlOf(operation, idOf), sent);
}

const dump = ({ accountId }: Owner) => dumpAccount(api.database.adminUrl, accountId);

/** The one line of the log that tells of this request. */
function loggedOf({ headers }: Answer): Record<string, unknown> {
  const id = String(headers['x-request-id']);
  const lines = api.logs.filter((line) => line.includes(id)).map((line) => JSON.parse(line) as Record<string, unknown>);
  return required(lines.find(({ msg }) => msg === 'request'));
}

const anyText = expect.any(String) as string;
const isAccounts = ({ scopes }: Caller): boolean => scopes !== null;

describe('who is not let in', () => {
  test.each(operations)('$title says why, does nothing, and tells the log', async (operation) => {
    const before = await dump(own);
    for (const caller of callers) {
      const refusal = refusalOf(operation, caller);
      if (refusal === null) continue;
      const answer = await ask(operation, caller, ofOwn);
      expect({ who: caller.name, ...answer.body }).toMatchObject({ who: caller.name, ...refusal });
      expect(loggedOf(answer)).toMatchObject({ method: operation.method, status: answer.status });
    }
    expect(await dump(own)).toEqual(before);
  });
});

/** Those in which the path says whose it is, and the caller shows something of an account. */
const isForeign = ({ params, scope }: Titled): boolean => params.length > 0 && scope !== 'public';

describe('who is let in, with ids of another account', () => {
  test.each(operations.filter(isForeign))('$title is answered as if nobody had them', async (operation) => {
    const before = await dump(other);
    for (const caller of callers) {
      if (refusalOf(operation, caller) !== null) continue;
      const foreign = await ask(operation, caller, ofOther);
      const absent = await ask(operation, caller, ofNobody);
      const told = { who: caller.name, ...foreign.body, requestId: null };
      expect(told).toEqual({ who: caller.name, ...absent.body, requestId: null });
      // A role that may touch its own alone is told so first, whoever's the other is.
      const expected = operation.scope === 'turn' ? [401] : isAccounts(caller) ? [404, 403] : [404];
      expect({ who: caller.name, status: foreign.status, expected }).toMatchObject({
        status: expect.toSatisfy((status: number) => expected.includes(status)) as number,
      });
      expect(loggedOf(foreign)).toMatchObject({
        status: foreign.status,
        ...(isAccounts(caller) && { account: own.accountId, principal: anyText }),
      });
    }
    expect(await dump(other)).toEqual(before);
  });

  test('whoever has every scope gets a 404, and nothing else', async () => {
    const all = required(callers.find(({ name }) => name === 'integration'));
    for (const operation of operations.filter(isForeign)) {
      if (refusalOf(operation, all) !== null) continue;
      const { status, body } = await ask(operation, all, ofOther);
      expect({ asked: operation.title, status, code: body.code }).toEqual({
        asked: operation.title,
        status: 404,
        code: 'not-found',
      });
    }
  });
});

test('every kind of access is asked for by somebody, and no route is outside the document but public ones that are read', async () => {
  const shown = new Set(operations.map(({ title }) => title.replaceAll(/\{\w+\}/g, '{}')));
  const hidden = routesOf(api).filter(({ title }) => !shown.has(title));
  const reading = hidden.filter(({ title }) => title.startsWith('GET '));
  expect(hidden).toEqual(reading);
  for (const { url } of reading) {
    const answer = await api.call(null, 'GET', url.replaceAll(/[:*]\w*/g, 'x'));
    expect({ url, status: answer.status }).toMatchObject({
      status: expect.toSatisfy((status: number) => [200, 302, 304, 404].includes(status)) as number,
    });
  }
});

/** As the router has them, HEAD and OPTIONS apart, which follow from the others. */
function routesOf({ app }: TestApi): { title: string; url: string }[] {
  const path: string[] = [];
  return app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', part = '', methods = ''] = /^([ │├└─]*)(.*?)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
      path.splice(indent.length / 4 - 1);
      path.push(part);
      const url = path.join('');
      return methods
        .split(', ')
        .filter((method) => !['', 'HEAD', 'OPTIONS'].includes(method))
        .map((method) => ({ url, title: `${method} ${url.replaceAll(/:\w+(\|:\w+)*/g, '{}')}` }));
    });
}
