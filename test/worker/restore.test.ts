/**
 * A restore that was tried: which of the two stores may be older than the other, and what an operator does then. A copy of
 * the files stands for any backup of a whole server.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BotTurn } from '../../adapters/contract/bot.ts';
import { baton } from '../audit/command.ts';
import { install, type Installation } from '../support/installation.ts';
import { type InstalledAccount, openAccountOf } from '../support/installed-account.ts';
import { insistent } from '../support/insistent.ts';
import { expectInvariants } from '../support/invariants.ts';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';

let installation: Installation;
let account: InstalledAccount;
beforeAll(async () => {
  installation = await install();
  account = await openAccountOf(installation, { script, numbers: { intake: { by: 'none' } } });
}, 120_000);
afterAll(async () => {
  await account.close();
  await installation.stop();
});

function script({ event }: BotTurn): object {
  const texts = event.type === 'messages' ? event.messages.map(({ content }) => content.text ?? '') : [];
  if (texts.some((text) => text.includes('person'))) return { messages: [], handover: { reason: 'asked' } };
  return { messages: texts.map((text) => ({ text: `echo: ${text}` })) };
}

const idOf = async (thread: string): Promise<string> => required((await account.conversations()).get(thread));
const says = (thread: string, text: string): Promise<unknown> =>
  insistent(
    () => account.channel.say({ thread, text, id: `${thread}/${text}` }),
    ({ status }) => status === 200,
  );
const heard = (thread: string, text: string): Promise<void> =>
  account.channel.books.until((books) => books.texts(thread).includes(text), 20_000);

async function act(thread: string, action: string, body: object = {}): Promise<void> {
  const path = `/v1/conversations/${await idOf(thread)}/actions/${action}`;
  await insistent(
    async () => {
      await account.agent.post(path, body);
      return { status: 200 };
    },
    ({ status }) => status === 200,
  );
}

/** All words of the customer that an agent sees. */
async function seen(thread: string): Promise<string[]> {
  const path = `/v1/conversations/${await idOf(thread)}/messages?show=messages`;
  const { items } = await account.agent.get<{ items: { author: { kind: string }; content: { text: string } }[] }>(path);
  return items.flatMap(({ author, content }) => (author.kind === 'customer' ? [content.text] : []));
}

async function served(thread: string): Promise<void> {
  await says(thread, 'a person please');
  await until(async () => (await account.conversations()).has(thread));
  await until(async () => {
    const path = `/v1/conversations/${await idOf(thread)}`;
    return (await account.agent.get<{ state: string }>(path)).state === 'queued';
  });
  await act(thread, 'join');
  await act(thread, 'reply', { text: 'Good morning' });
  await heard(thread, 'Good morning');
}

async function goesOn(thread: string): Promise<void> {
  await says(thread, 'afterwards');
  await until(async () => (await seen(thread)).includes('afterwards'), 30_000);
  await act(thread, 'reply', { text: 'Here I am again' });
  await heard(thread, 'Here I am again');
  await expectInvariants(account.pool, { accountId: account.accountId, conversationId: await idOf(thread) });
}

test('Postgres from before, Temporal as it is', async () => {
  await served('one');
  const backup = await installation.backUp();
  await says('one', 'lost with the time');
  await act('one', 'reply', { text: 'lost too' });
  await heard('one', 'lost too');
  await installation.restore({ postgres: backup.postgres }, async () => {
    const said = await baton(['restored'], {
      BATON_DATABASE_URL: installation.database.workerUrl,
      TEMPORAL_ADDRESS: installation.temporalAddress,
    });
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(said.out).toMatch(/generation 2 now\n1 actors/);
  });
  await goesOn('one');
}, 120_000);

test('Temporal from before, Postgres as it is', async () => {
  await served('two');
  const backup = await installation.backUp();
  await says('two', 'not lost');
  await act('two', 'reply', { text: 'nor this' });
  await heard('two', 'nor this');
  await installation.restore({ temporal: backup.temporal });
  await goesOn('two');
  expect(await seen('two')).toEqual(['a person please', 'not lost', 'afterwards']);
}, 120_000);

test('nothing left of Temporal', async () => {
  await served('three');
  await installation.restore({ temporal: null });
  await goesOn('three');
  expect(await seen('three')).toEqual(['a person please', 'afterwards']);
}, 120_000);
