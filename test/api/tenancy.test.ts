/**
 * B-14, R19: over every operation of the OpenAPI document, so that a route added tomorrow is covered by being there. A
 * route with a parameter that `idsOf` doesn't know fails here: say there which of the other account's things it names.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { v7 } from 'uuid';
import { scopes } from '../../api/scopes.ts';
import { inAccount } from '../../store/connection.ts';
import type { SeededAccount } from '../support/account.ts';
import { seedConversation } from './conversation.ts';
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

interface Other extends SeededAccount {
  ids: Record<string, string>;
}

let own: SeededAccount & { key: string; ids: Record<string, string> };
let other: Other;

beforeAll(async () => {
  const [account, others] = [await api.account(), await api.account()];
  own = { ...account, ids: await idsOf(account, { word: 'own', version: '76' }) };
  other = { ...others, ids: await idsOf(others, { word: canary, version: '77' }) };
});

/** By the name of the parameter: something of the account, which says `word` wherever a person could have written. */
async function idsOf(
  account: SeededAccount & { key: string },
  { word, version }: { word: string; version: string },
): Promise<Record<string, string>> {
  const [agentId = ''] = account.agentIds;
  const { conversationId, contactId } = await seedConversation(api.pool, account, { name: word, agentId });
  const make = async (path: string, body: object) => (await api.call(account.key, 'POST', path, body)).body.id;
  const deskId = await make('/v1/desks', { name: word, type: 'http', settings: { url: 'https://example.com' } });
  const tagId = await make('/v1/tags', { name: word });
  const noteId = await make(`/v1/contacts/${contactId}/notes`, { text: word });
  const keyId = await make('/v1/api-keys', { name: word, scopes: ['account:read'] });
  const row = uuid();
  await inAccount(api.pool, account.accountId, async (tx) => {
    await tx.query(
      `INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, status, content, position, created_at)
       VALUES ($1, $2, $3, 'in', 'customer', 'received', $4, 1, now())`,
      [account.accountId, row, conversationId, { text: word }],
    );
    await tx.query(
      `INSERT INTO outbound (account_id, conversation_id, seq, message_id, to_kind, to_id, author_kind, epoch, status, queued_at, settled_at)
       VALUES ($1, $2, 1, $3, 'channel', $4, 'bot', 1, 'failed', now(), now())`,
      [account.accountId, conversationId, row, account.channelId],
    );
    await tx.query(
      `INSERT INTO parked (account_id, id, conversation_id, source_id, item, error, parked_at) VALUES ($1, $2, $3, $4, $5, 'bad', now())`,
      [account.accountId, row, conversationId, account.channelId, { text: word }],
    );
    await tx.query(
      `INSERT INTO idempotency (account_id, key, digest, outcome, created_at) VALUES ($1, $2, '', '{"ok": true}', now())`,
      [account.accountId, word],
    );
    await tx.query('UPDATE groups SET name = $2 WHERE id = $1', [account.groupId, word]);
    await tx.query(
      `INSERT INTO policies (account_id, version, numbers, notices, created_at) VALUES ($1, $3, '{}', $2, now())`,
      [account.accountId, { assigned: word }, version],
    );
  });
  return {
    accountId: account.accountId,
    agentId,
    botId: account.botId,
    channelId: account.channelId,
    contactId,
    conversationId,
    deskId,
    groupId: account.groupId,
    key: word,
    keyId,
    messageId: row,
    noteId,
    parkedId: row,
    seq: '1',
    tagId,
    version,
  };
}

function ofOther(name: string): string {
  const id = other.ids[name];
  if (id === undefined) {
    throw new Error(`Say in idsOf which of the other account's things {${name}} names.`);
  }
  return id;
}

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

/** Forms of a body, where there are several, that are tried. */
const branches = [0, 1, 2];

function requestsWithOneForeignId(operation: Operation): { url: string; body: unknown; id: string }[] {
  const requests = new Map<string, { url: string; body: unknown; id: string }>();
  for (const branch of branches) {
    for (let place = 0; ; place += 1) {
      let [at, id] = [0, ''];
      const idOf = (name: string): string => {
        if (at++ !== place) return own.ids[name] ?? uuid();
        return (id = other.ids[name] ?? other.ids['botId'] ?? '');
      };
      const url = urlOf(operation, idOf);
      const query = Object.entries(operation.query).flatMap(([name, schema]) =>
        hasIds(schema) && at++ === place ? [`${name}=${(id = other.ids[name] ?? other.ids['agentId'] ?? '')}`] : [],
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
