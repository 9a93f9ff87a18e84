/** What goes wrong outside, and runs that end. */
import { v7 as uuid } from 'uuid';
import { inAccount } from '../../../store/connection.ts';
import { startFakeDesk } from '../../support/fake-desk.ts';
import { runsOf } from '../../support/runs.ts';
import { until } from '../../support/until.ts';
import { botHandsOver, botSays, toQueue, type Scenario, type Stage } from './play.ts';

export const troubleScenarios: Scenario[] = [
  {
    name: 'bot-fails',
    async play(stage) {
      stage.stack.bot.answer = () => 'fails';
      await stage.writes('hello');
      await stage.sees('BotTurnFailed');
      await stage.sees('MessageSettled');
    },
  },
  {
    name: 'timer-desk-lost',
    options: { numbers: { intake: { by: 'none' }, desk: { lostAfterMs: 700, onLost: 'bot' } } },
    async play(stage) {
      const desk = await startFakeDesk();
      const deskId = await addDesk(stage, desk);
      botHandsOver(stage, deskId);
      await stage.writes('a person, please');
      await stage.sees('DeskOpened');
      await stage.comes('DeskAccepted', { deskId, handover: 1, personId: null });
      await stage.writes('hello?');
      await stage.sees('CustomerMessageAccepted', 2);
      await desk.stop();
      await stage.writes('anybody?');
      await stage.sees('DeskLost');
      await stage.sees('ReturnedToBot');
    },
  },
  {
    name: 'timer-held-too-long',
    options: { numbers: { intake: { by: 'none' }, delivery: { maxAgeMs: 700 } } },
    async play(stage) {
      await toQueue(stage);
      await stage.agent(0, 'Join');
      await stage.sees('MessageSettled');
      await stage.comes('ReceiptCame', { outbound: 1, status: 'failed', class: 'window-closed' });
      await stage.sees('WindowClosed');
      await stage.replies(0, 'are you there?');
      await stage.sees('MessageSettled', 2);
      await stage.writes('yes, sorry');
      await stage.sees('WindowOpened');
      await stage.replies(0, 'good morning');
      await stage.sees('MessageSettled', 3);
    },
  },
  {
    name: 'postgres-away-for-a-while',
    async play(stage) {
      botSays(stage, 'hello');
      failing.records = 3;
      await stage.writes('hello');
      await stage.sees('MessageSettled');
    },
  },
  {
    name: 'continue-as-new',
    options: { numbers: { intake: { by: 'none' } } },
    async play(stage) {
      await toQueue(stage);
      await stage.agent(0, 'Join');
      const tag = uuid();
      await until(async () => {
        await stage.agent(0, 'Tag', { add: [tag], remove: [] });
        await stage.agent(0, 'Tag', { add: [], remove: [tag] });
        return (await runsOf(stage.stack.pool, stage.id)) > 1;
      }, 120_000);
      await stage.agent(0, 'Unassign');
    },
  },
];

/** How many of the next local records fail; the recorder's worker asks. */
export const failing = { records: 0 };

export async function addDesk({ stack, account }: Stage, desk: { url: string; secret: string }): Promise<string> {
  const id = uuid();
  await inAccount(stack.pool, account.accountId, (tx) =>
    tx.query(
      `INSERT INTO desks (account_id, id, name, type, settings, secrets, created_at)
       VALUES ($1, $2, 'Desk', 'http', $3, $4, $5)`,
      [account.accountId, id, { url: desk.url }, JSON.stringify([desk.secret]), new Date()],
    ),
  );
  return id;
}
