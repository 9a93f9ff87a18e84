import { v7 as uuid } from 'uuid';
import { beforeEach, describe, expect, it } from 'vitest';
import { acceptDeskEvents, type DeskItem } from '../../store/desk-events.ts';
import { handoverId } from '../../store/handovers.ts';
import { acceptInbound } from '../../store/inbound.ts';
import { seedAccount, type SeededAccount } from '../support/account.ts';
import { withDatabase } from '../support/with-database.ts';

const at = Date.UTC(2026, 10, 22, 9);

let account: SeededAccount;
let deskId: string;
let conversationId: string;

const pools = withDatabase('api');
beforeEach(async () => {
  account = await seedAccount(pools.api);
  deskId = uuid();
  await pools.admin.query(
    `INSERT INTO desks (account_id, id, name, type, created_at) VALUES ($1, $2, 'Desk', 'http', $3)`,
    [account.accountId, deskId, new Date(at)],
  );
  const [first] = await acceptInbound(pools.api, {
    accountId: account.accountId,
    sourceId: account.channelId,
    at,
    items: [
      { kind: 'message', externalId: 'm1', thread: 'ann', contact: { externalId: 'ann' }, content: { text: 'hi' } },
    ],
  });
  conversationId = first?.conversationId ?? '';
});

const accept = (items: DeskItem[]) => acceptDeskEvents(pools.api, { accountId: account.accountId, deskId, at, items });

async function inbox(): Promise<Record<string, unknown>[]> {
  const { rows } = await pools.admin.query<{ type: string; payload: object }>(
    'SELECT type, payload FROM inbox WHERE conversation_id = $1 AND seq > 1 ORDER BY seq',
    [conversationId],
  );
  return rows.map(({ type, payload }) => ({ type, ...payload }));
}

describe("a desk's events are inputs of their conversation", () => {
  it('each with its hand-over; who speaks stays here under an id of ours', async () => {
    const handover = handoverId(conversationId, 3);
    const ann = { id: 'ann@desk.example', name: 'Ann' };
    await accept([
      { kind: 'took', externalId: 'e1', conversationId, person: ann },
      { kind: 'accepted', externalId: 'e2', handoverId: handover, person: ann },
      { kind: 'answered', externalId: 'e3', handoverId: handover, person: ann, content: { text: 'Hello' } },
      { kind: 'refused', externalId: 'e4', handoverId: handover, code: 'busy' },
      { kind: 'closed', externalId: 'e5', handoverId: handover },
    ]);
    const people = await pools.admin.query<{ id: string }>(
      'SELECT id, external_id, name FROM desk_people WHERE desk_id = $1',
      [deskId],
    );
    expect(people.rows).toEqual([{ id: expect.any(String) as string, external_id: 'ann@desk.example', name: 'Ann' }]);
    const personId = people.rows[0]?.id;
    const rows = await inbox();
    expect(rows).toEqual([
      { type: 'DeskTook', deskId, personId },
      { type: 'DeskAccepted', deskId, handover: 3, personId },
      { type: 'DeskAnswered', deskId, handover: 3, personId, messageId: expect.any(String) as string },
      { type: 'DeskRefused', deskId, handover: 3 },
      { type: 'DeskClosed', deskId, handover: 3 },
    ]);
    expect(JSON.stringify(rows)).not.toContain('desk.example');
    const words = await pools.admin.query(
      'SELECT status, author_kind, author_id, author_name, content FROM messages WHERE id = $1',
      [rows[2]?.['messageId']],
    );
    expect(words.rows).toEqual([
      { status: 'draft', author_kind: 'desk', author_id: personId, author_name: 'Ann', content: { text: 'Hello' } },
    ]);
  });

  it('a person without a name, and one who is renamed, keep their id', async () => {
    const answer = (externalId: string, name?: string): DeskItem => ({
      kind: 'answered',
      externalId,
      handoverId: handoverId(conversationId, 1),
      person: { id: 'p', ...(name !== undefined && { name }) },
      content: { text: 'x' },
    });
    await accept([answer('e1')]);
    await accept([answer('e2', 'Bob')]);
    await accept([answer('e3', 'Robert'), answer('e4')]);
    const { rows } = await pools.admin.query('SELECT name FROM desk_people WHERE desk_id = $1', [deskId]);
    expect(rows).toEqual([{ name: 'Robert' }]);
    expect(new Set((await inbox()).map(({ personId }) => personId)).size).toBe(1);
  });

  it('ten times the same: once', async () => {
    const items: DeskItem[] = [
      { kind: 'answered', externalId: 'e1', handoverId: handoverId(conversationId, 1), content: { text: 'x' } },
    ];
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept(items)));
    expect(answers.filter(([one]) => one?.kind === 'stored')).toHaveLength(1);
    expect(await inbox()).toHaveLength(1);
  });

  it('of conversations that are not the account’s, or no ids at all: unknown, the others go on', async () => {
    const other = await seedAccount(pools.api);
    const answers = await accept([
      { kind: 'closed', externalId: 'e1', handoverId: 'nonsense' },
      { kind: 'took', externalId: 'e2', conversationId: 'nonsense' },
      { kind: 'took', externalId: 'e3', conversationId: other.channelId },
      { kind: 'unreadable', externalId: 'e4', because: 'odd', item: { a: 1 } },
      { kind: 'closed', externalId: 'e5', handoverId: handoverId(conversationId, 1) },
    ]);
    expect(answers.map(({ kind }) => kind)).toEqual(['unknown', 'unknown', 'unknown', 'parked', 'stored']);
  });
});
