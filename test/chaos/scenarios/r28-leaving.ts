import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../../../dev/api-client.ts';
import type { KeptProcess } from '../../support/kept-process.ts';
import { required } from '../../support/required.ts';
import { until } from '../../support/until.ts';
import type { Arena } from '../arena.ts';
import type { Load } from '../load.ts';
import { objectTo, type Scenario, withFindings } from '../scenario.ts';
import { isReady } from '../targets.ts';
import { underLoad } from '../under-load.ts';

/** From the signal to the end of the process. */
const outWithinMs = 10_000;
/** Enough for one to leave and to be back. */
const turnMs = 12_000;

export const r28: Scenario = {
  id: 'R28',
  title: 'APIs and workers are asked to leave under load, in turn: no request fails, and each is out within 10 s',
  async run(arena, { messages, isShort }) {
    const departures = isShort ? 4 : 20;
    const perSecond = isShort ? 5 : 30;
    const wrong: string[] = [];
    const left: Departure[] = [];
    const outcome = await underLoad(arena, {
      load: {
        messages: Math.max(messages, (departures * turnMs * perSecond) / 1_000),
        threads: isShort ? 20 : 200,
        perSecond,
      },
      async rage(load, { api }) {
        const looked = lookAround(api, load);
        left.push(...(await leaveInTurn(arena, load, departures)));
        wrong.push(...left.flatMap(objections), ...(await failedRequests(load)), ...(await looked));
        return left.map(({ name }) => name);
      },
    });
    return withFindings(outcome, objectTo('leaving', wrong), {
      underLoad: left.filter((one) => one.underLoad).length,
      longestMs: Math.max(...left.map(({ ms }) => ms)),
    });
  },
};

interface Departure {
  name: string;
  ms: number;
  code: number | null;
  /** Whether customers wrote when it was asked to leave. */
  underLoad: boolean;
}

/** A first API, a first worker, the second ones, and so on; each is back before the next is asked. */
async function leaveInTurn({ installation }: Arena, { over }: Load, count: number): Promise<Departure[]> {
  let isOver = false;
  over.then(
    () => (isOver = true),
    () => undefined,
  );
  const departures: Departure[] = [];
  for (let no = 0; no < count; no += 1) {
    const kind = no % 2 === 0 ? 'API' : 'worker';
    const among = kind === 'API' ? installation.apis : installation.workers;
    const index = Math.floor(no / 2) % among.length;
    const underLoad = !isOver;
    departures.push({
      name: `${kind} ${index}`,
      underLoad,
      ...(await leave(required(among[index]), installation.urls)),
    });
  }
  return departures;
}

async function leave(process: KeptProcess, urls: string[]): Promise<{ ms: number; code: number | null }> {
  const askedAt = performance.now();
  const code = await process.end('SIGTERM');
  const ms = Math.round(performance.now() - askedAt);
  await process.start();
  await untilReady(urls);
  return { ms, code };
}

/** As a deployment waits, before it goes on to the next. */
function untilReady(urls: string[]): Promise<void> {
  return until(async () => (await Promise.all(urls.map(isReady))).every(Boolean), 60_000);
}

function objections({ name, ms, code }: Departure): string[] {
  return [
    ...(ms > outWithinMs ? [`${name} took ${ms} ms to leave`] : []),
    ...(code === 0 ? [] : [`${name} ended with ${code}`]),
  ];
}

/** Many small requests: where one in a thousand would meet a closed port, a few messages a second might not show it. */
async function lookAround(api: ApiClient, { over }: Load): Promise<string[]> {
  const wrong: string[] = [];
  let isOver = false;
  const end = over.finally(() => (isOver = true));
  const look = async (): Promise<void> => {
    while (!isOver) {
      await api.get('/v1/accounts/me').catch((error: unknown) => wrong.push(`a look got ${String(error)}`));
      await pause(25);
    }
  };
  await Promise.all([end, ...Array.from({ length: 4 }, look)]);
  return wrong;
}

/** A refusal by rule is an outcome: an agent who joins where nobody waits yet. */
async function failedRequests({ over, ledger }: Load): Promise<string[]> {
  await over;
  return ledger.answers.flatMap(({ call, status }) => {
    const isAnswered = typeof status === 'number' && status < (call === 'webhook' ? 300 : 500) && status !== 429;
    return isAnswered ? [] : [`a ${call} was answered ${status}`];
  });
}
