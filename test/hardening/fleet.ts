/** Two instances of the API on one database, replaced one after the other while clients go on: a rolling restart. */
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../api/app.ts';
import type { ApiConfig } from '../../api/config.ts';
import type { ApiDependencies } from '../../api/dependencies.ts';
import { createConditions } from '../support/conditions.ts';
import { required } from '../support/required.ts';
import { inject, type Answer } from '../api/test-api.ts';

/** One thing that a client does again and again: `send` goes to either instance. Throws where it gets what it shouldn't. */
export type Round = (send: Send) => Promise<void>;
export type Send = (
  token: string | null,
  method: string,
  url: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

export interface Fleet {
  /** Both instances, one after the other, get these settings; clients do some rounds between any two replacements. */
  roll(config: Partial<ApiConfig>): Promise<void>;
  /** Until every client has done so many rounds more. Throws what a client threw. */
  rounds(more?: number): Promise<void>;
  /** To each instance. */
  both<T>(ask: (send: Send) => Promise<T>): Promise<[T, T]>;
  stop(): Promise<void>;
}

export async function createFleet(deps: ApiDependencies, clients: Round[]): Promise<Fleet> {
  const { check, until } = createConditions();
  const start = (config: Partial<ApiConfig>) => buildApp({ ...deps, config: { ...deps.config, ...config } });
  const apps: [FastifyInstance, FastifyInstance] = [await start({}), await start({})];
  const done = clients.map(() => 0);
  let failure: Error | undefined;
  let stopped = false;
  let turn = 0;

  const sendTo = (index: () => 0 | 1): Send => {
    return async (token, method, url, body, headers = {}) =>
      inject(apps[index()], {
        method,
        url,
        headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      });
  };
  const either = sendTo(() => ((turn += 1), turn % 2 === 0 ? 0 : 1));

  const running = clients.map(async (round, index) => {
    while (!stopped) {
      await round(either).catch((error: Error) => ((failure ??= error), (stopped = true)));
      done[index] = (done[index] ?? 0) + 1;
      check();
    }
  });

  const fleet: Fleet = {
    async rounds(more = 2) {
      const wanted = done.map((count) => count + more);
      const isReached = () => stopped || done.every((count, index) => count >= required(wanted[index]));
      await until(isReached, () => done.map(String), 60_000);
      if (failure !== undefined) throw failure;
    },
    async roll(config) {
      for (const index of [0, 1] as const) {
        const before = apps[index];
        apps[index] = await start(config);
        await fleet.rounds();
        await before.close();
      }
    },
    both: async (ask) => [await ask(sendTo(() => 0)), await ask(sendTo(() => 1))],
    async stop() {
      stopped = true;
      await Promise.all(running);
      await Promise.all(apps.map((app) => app.close()));
    },
  };
  return fleet;
}
