/** R30: an erasure and the export of a file find each other, whichever is first; and what has to be deleted is named. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { inAccount } from '../../store/connection.ts';
import { eraseContact, eraseWords, type ErasedContact, type Erasure } from '../../store/erasure.ts';
import { areAsRead, noteExport, readPeople } from '../../store/exports.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { seedAccount } from '../support/account.ts';
import { somebodyWaits } from '../support/lock-waits.ts';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';
import { withDatabase } from '../support/with-database.ts';
import { baton, type Said } from './command.ts';
import { canary, plantContact } from './erasure/planted.ts';

const setting = withDatabase('api', 'worker');
let id: ActorId;
let contact: ErasedContact;
let folder: string;
const by = { kind: 'key', id: uuid(), at: new Date() } as const;

beforeEach(async () => {
  await setting.admin.query('TRUNCATE accounts CASCADE');
  const account = await seedAccount(setting.api);
  const { contactId, conversationId } = await plantContact(setting.admin, account);
  id = { accountId: account.accountId, conversationId };
  contact = { accountId: account.accountId, contactId };
  folder = await mkdtemp(join(tmpdir(), 'baton-erased-'));
});
afterEach(() => rm(folder, { recursive: true }));

const run = (args: string[]): Promise<Said> =>
  baton(args, { BATON_DATABASE_URL: setting.database.workerUrl, BATON_ACCOUNT: id.accountId, BATON_BUILD: 'test' });
const exportIt = (): Promise<Said> => run(['export', id.conversationId, '--to', folder]);

async function filesWithWords(): Promise<string[]> {
  const files = (await readdir(folder)).map((name) => join(folder, name));
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return files.filter((_, index) => texts[index]?.includes(canary));
}

const listed = (erasure: Erasure | null): string[] =>
  erasure?.kind === 'erased' ? erasure.exports.map(({ file }) => file) : [];

async function erase(): Promise<string[]> {
  const erasure = await eraseContact(setting.api, contact, by);
  await until(() => eraseWords(setting.api, contact, Date.now));
  return listed(erasure);
}

describe('an export', () => {
  test('that has read the words when the contact is erased does not write them', async () => {
    const eraser = await setting.admin.connect();
    await eraser.query('BEGIN');
    await eraser.query(`SELECT erase_contact($1, $2, 'key', $3, now())`, [id.accountId, contact.contactId, uuid()]);
    const exporting = exportIt();
    await somebodyWaits(setting.admin);
    await eraser.query('COMMIT');
    eraser.release();
    const { code, out, err } = await exporting;
    // The words are there still: they go in a transaction of their own.
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(`left out conversation ${id.conversationId}: somebody is being erased in it`);
    expect(await readdir(folder)).toEqual([]);
    await until(() => eraseWords(setting.api, contact, Date.now));
    expect((await exportIt()).code).toBe(0);
    expect(await readdir(folder)).toHaveLength(1);
    expect(await filesWithWords()).toEqual([]);
    expect(await erase()).toEqual([]);
  });

  test('that is noted, and not yet written, either finds the erasure or is listed to whoever erases', async () => {
    const noting = await setting.admin.connect();
    await noting.query('BEGIN');
    await noting.query('LOCK TABLE exports IN SHARE MODE');
    const exporting = exportIt();
    await somebodyWaits(setting.admin);
    const erasing = eraseContact(setting.api, contact, by);
    await somebodyWaits(setting.admin, 2);
    await noting.query('COMMIT');
    noting.release();
    const files = listed(await erasing);
    await exporting;
    expect(files).toEqual([expect.stringContaining(id.conversationId)]);
    expect(files).toEqual(expect.arrayContaining(await filesWithWords()));
  });

  test('that is being written is waited for, and listed', async () => {
    const people = required(await inAccount(setting.worker, id.accountId, (tx) => readPeople(tx, id)));
    const file = join(folder, 'one.json');
    let erasing: Promise<Erasure | null> | undefined;
    await inAccount(setting.worker, id.accountId, async (tx) => {
      expect(await areAsRead(tx, id, people)).toBe(true);
      await noteExport(tx, id, { id: uuid(), people, madeAt: new Date(), madeBy: 'ada@desk', file, sha256: 'ab' });
      erasing = eraseContact(setting.api, contact, by);
      await somebodyWaits(setting.admin);
    });
    expect(listed(await required(erasing))).toEqual([file]);
  });

  test('of a chat in which somebody else wrote who is erased meanwhile is not written either', async () => {
    const guest = uuid();
    await setting.admin.query('INSERT INTO contacts (account_id, id, created_at) VALUES ($1, $2, now())', [
      id.accountId,
      guest,
    ]);
    await setting.admin.query(
      `INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, author_id, status, content, created_at)
       VALUES ($1, $2, $3, 'in', 'customer', $4, 'received', '{"text": "me too"}', now())`,
      [id.accountId, uuid(), id.conversationId, guest],
    );
    const people = required(await inAccount(setting.worker, id.accountId, (tx) => readPeople(tx, id)));
    await eraseContact(setting.api, { ...contact, contactId: guest }, by);
    expect(await inAccount(setting.worker, id.accountId, (tx) => areAsRead(tx, id, people))).toBe(false);
  });
});

describe('what was exported before', () => {
  test('is named by whoever verifies, and what was exported after is not', async () => {
    await exportIt();
    const [file = ''] = await filesWithWords();
    expect((await run(['verify', id.conversationId])).out).not.toContain('Delete');
    expect(await erase()).toEqual([file]);
    await exportIt();
    for (const args of [[id.conversationId], ['--all']]) {
      const { out } = await run(['verify', ...args]);
      expect(out.match(/^Delete +.*$/gm)).toEqual([
        expect.stringMatching(
          new RegExp(`^Delete +${file}, exported at .* by .*@.*: words in it have been erased since$`),
        ),
      ]);
    }
    expect(await erase()).toEqual([file]);
  });

  test('and is at hand where a kept file is given that nobody noted, too', async () => {
    await exportIt();
    await erase();
    await setting.admin.query('DELETE FROM exports');
    const { out } = await run(['verify', id.conversationId, '--with', folder]);
    expect(out).toMatch(/^Delete .*: words in it have been erased since$/m);
  });
});
