/**
 * B-14, R19: over every operation of the OpenAPI document, so that a route added tomorrow is covered by being there. A
 * route with a parameter that `belongings.ts` doesn't know fails here: say there which of the other account's things it names.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { v7 } from 'uuid';
import { scopes } from '../../api/scopes.ts';
import { type Belongings, belongingsOf } from '../hardening/belongings.ts';
import type { SeededAccount } from '../support/account.ts';
import { dumpAccount, tablesWith } from './dump.ts';
import { asksForKey, type Operation, operationsOf, urlOf } from './operations.ts';
import { hasIds, sampleOf } from './samples.ts';
import { createTestApi, type TestApi } from './test-api.ts';

const api: TestApi = await createTestApi();
afterAll(() => api.close());

const guarded = operationsOf(api.app).filter(asksForKey);
const named = guarded.map((operation) => ({ ...operation, title: `${operation.method} ${operation.path}` }));

const uuid = (): string => v7();
/** Of what is named by a number, every account has its own. */
const isUuid = (id: string): boolean => id.length === 36;

/** Whatever is asked, these words of the other account must never come back. */
const canary = 'canary-of-the-other-account';

type Owner = SeededAccount & { key: string; things: Belongings };
let own: Owner;
let other: Owner;

beforeAll(async () => {
  const [account, others] = [await api.account(), await api.account()];
  own = { ...account, things: await belongingsOf(api, account, { word: 'own', number: '76' }) };
  other = { ...others, things: await belongingsOf(api, others, { word: canary, number: '77' }) };
});

const ofOther = (name: string): string => other.things.idOf(name);
const anyOfOther = (name: string): string => anyOf(other, name) ?? other.botId;

const bodyFor = ({ body }: Operation, idOf: (name: string) => string): unknown =>
  body === null ? undefined : sampleOf(body, { whole: true, idOf });

/** The same for every resource: nothing in it tells whether the id exists elsewhere. */
const notFound = {
  type: '/v1/problems/not-found',
  title: 'There is nothing here',
  status: 404,
  code: 'not-found',
  detail: expect.stringMatching(/^There is no such [\w ]+ in this account\.$/) as string,
  requestId: expect.any(String) as string,
};

describe('every operation', () => {
  test.each(named)('$title asks for a key', async (operation) => {
    const answer = await api.call(null, operation.method, urlOf(operation, uuid), bodyFor(operation, uuid));
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  test.each(named.filter(({ scope }) => scope !== 'any'))(
    '$title names the scope that a key lacks',
    async (operation) => {
      const key = await api.keyFor(
        own.accountId,
        scopes.filter((scope) => scope !== operation.scope),
      );
      const answer = await api.call(key, operation.method, urlOf(operation, uuid), bodyFor(operation, uuid));
      expect(answer).toMatchObject({ status: 403, body: { code: 'missing-scope', scope: operation.scope } });
    },
  );
});

describe('B-14: an id of another account', () => {
  const withId = named.filter(({ params }) => params.length > 0);

  test.each(withId)('$title is a 404 like any unknown id, and has no effect', async (operation) => {
    const before = await dumpAccount(api.database.adminUrl, other.accountId);
    const foreign = await api.call(own.key, operation.method, urlOf(operation, ofOther), bodyFor(operation, ofOwn));
    expect({ asked: operation.title, ...foreign.body }).toEqual({ asked: operation.title, ...notFound });

    const unknown = (name: string) => (['version', 'seq'].includes(name) ? '78' : uuid());
    const absent = await api.call(own.key, operation.method, urlOf(operation, unknown), bodyFor(operation, ofOwn));
    expect(absent.body).toEqual({ ...foreign.body, requestId: notFound.requestId });

    // What it is about comes before all that its body names.
    const whole = await api.call(own.key, operation.method, urlOf(operation, ofOther), bodyFor(operation, anyOfOther));
    expect(whole.body).toEqual({ ...foreign.body, requestId: notFound.requestId });
    expect(await dumpAccount(api.database.adminUrl, other.accountId)).toEqual(before);
  });

  /** In a body what is asked for must be in order, so that only the id in the path is not. */
  function ofOwn(name: string): string {
    const { botId, channelId, groupId, agentIds } = own;
    const ids: Record<string, string | undefined> = { botId, channelId, groupId, agentId: agentIds[0] };
    return ids[name] ?? uuid();
  }

  const withoutId = named.filter(({ params }) => params.length === 0);

  test.each(withoutId)('$title shows nothing of it, wherever it stands', async (operation) => {
    const before = await dumpAccount(api.database.adminUrl, other.accountId);
    const foreign = Object.entries(operation.query).flatMap(([name, schema]) =>
      schema.format === 'uuid' ? [`${name}=${ofOther(name)}`] : [],
    );
    const url = `${operation.path}${foreign.length === 0 ? '' : `?${foreign.join('&')}`}`;
    const answer = await api.call(own.key, operation.method, url, bodyFor(operation, ofOther));
    expect(answer.status).toBeLessThan(500);
    expect(answer.text).not.toContain(canary);
    expect(answer.text).not.toContain(other.accountId);
    expect(await dumpAccount(api.database.adminUrl, other.accountId)).toEqual(before);
  });

  /** Each id in path, query and body for itself, in all forms that a body may have; everything else is the account's own. */
  test.each(named)('$title takes none in the place of an own one', async (operation) => {
    const before = await dumpAccount(api.database.adminUrl, other.accountId);
    for (const { url, body, id } of requestsWithOneForeignId(operation)) {
      const answer = await api.call(own.key, operation.method, url, body);
      expect({ url, body, status: answer.status, known: answer.status < 500 }).toMatchObject({ known: true });
      expect(answer.text).not.toContain(canary);
      const kept = isUuid(id) ? await tablesWith(api.database.adminUrl, own.accountId, id) : [];
      expect({ url, body, status: answer.status, kept }).toMatchObject({ kept: [] });
    }
    expect(await dumpAccount(api.database.adminUrl, other.accountId)).toEqual(before);
  });
});

const anyOf = ({ things }: Owner, name: string): string | undefined =>
  things.has(name) ? things.idOf(name) : undefined;

/** Forms of a body, where there are several, that are tried. */
const branches = [0, 1, 2];

function requestsWithOneForeignId(operation: Operation): { url: string; body: unknown; id: string }[] {
  const requests = new Map<string, { url: string; body: unknown; id: string }>();
  for (const branch of branches) {
    for (let place = 0; ; place += 1) {
      let [at, id] = [0, ''];
      const idOf = (name: string): string => {
        if (at++ !== place) return anyOf(own, name) ?? uuid();
        return (id = anyOfOther(name));
      };
      const url = urlOf(operation, idOf);
      const query = Object.entries(operation.query).flatMap(([name, schema]) =>
        hasIds(schema) && at++ === place
          ? [`${name}=${(id = anyOf(other, name) ?? other.things.idOf('agentId'))}`]
          : [],
      );
      const { body } = operation;
      const sent = body === null ? undefined : sampleOf(body, { whole: true, idOf, branch });
      if (id === '') break;
      const request = { url: query.length === 0 ? url : `${url}?${query.join('&')}`, body: sent, id };
      requests.set(JSON.stringify(request), request);
    }
  }
  return [...requests.values()];
}
