import { afterAll, beforeAll, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { buildBundle } from '../../worker/bundle.ts';
import { workflowId } from '../../workflows/conversation/messages.ts';
import { baton } from '../audit/command.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { required } from '../support/required.ts';
import { temporalAddress } from '../support/servers.ts';
import { until } from '../support/until.ts';

let stack: ActorStack;
beforeAll(async () => {
  stack = await startActorStack();
  stack.bot.answer = () => ({ messages: [{ text: 'hello' }], handover: null, intake: null });
});
afterAll(() => stack.close());

test('B-19: conversations of workers without builds go on with the first build that is promoted, where it is the same code', async () => {
  const account = await stack.account();
  const thread = uuid();
  const talk = async (count: number): Promise<string> => {
    const { conversationId } = await stack.write(account, thread, 'hi');
    await until(() => stack.channel.heard.length === count);
    return workflowId({ accountId: account.accountId, conversationId: required(conversationId) });
  };
  await stack.startWorker();
  await talk(1);

  const deployment = `first-${uuid()}`;
  const { code } = await buildBundle();
  const first = await stack.startWorkerOf({ code, build: 'first', deployment });
  const env = { TEMPORAL_ADDRESS: temporalAddress(), BATON_DEPLOYMENT: deployment };
  await until(async () => (await baton(['versions'], env)).out.includes('No build is current'));
  await until(async () => (await baton(['promote', 'first'], env)).code === 0);
  await stack.stopWorker();
  const id = await talk(2);
  const { events } = await stack.temporal.client.getHandle(id).fetchHistory();
  expect((events ?? []).filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
  const versions = await baton(['versions', '--json'], env);
  expect(JSON.parse(versions.out)).toMatchObject({
    deployment,
    unversioned: false,
    builds: [{ build: 'first', role: 'current', percent: null }],
  });
  await first.stop();
});
