import { createApiClient } from './api-client.ts';
import { startBackend } from './backend.ts';
import { prepareDatabase } from './database.ts';
import { type DemoAccount, ensureDemoAccount } from './demo-account.ts';
import { startDemoBot } from './demo/bot.ts';
import { startDemoDesk } from './demo/desk.ts';
import { clearHome, type Home } from './home.ts';
import { type KeptPorts, keptPortsIn } from './kept-ports.ts';
import { type Keys, keysIn } from './keys.ts';
import type { Parts } from './parts.ts';
import { logOf, startNode } from './processes.ts';
import type { Running } from './running.ts';
import type { Log } from './servers/log.ts';
import { startPostgres } from './servers/postgres.ts';
import { startTemporal } from './servers/temporal.ts';
import { startTurnLog } from './turn-log.ts';

interface Setting {
  home: Home;
  parts: Parts;
  ports: KeptPorts;
  keys: Keys;
  log: Log;
}

/** Starts everything, on what an earlier run left. Whatever is up stands in `parts`, also when this throws. */
export async function startStack(home: Home, parts: Parts, log: Log): Promise<Running> {
  await clearHome(home, log);
  const setting = { home, parts, log, ports: await keptPortsIn(home.ports, log), keys: await keysIn(home.keys) };
  const urls = await startDatabase(setting);
  const temporal = await startWorkflows(setting);

  const port = await setting.ports.pick('api');
  const shared = {
    TEMPORAL_ADDRESS: temporal.address,
    BATON_TASK_QUEUE: 'baton-dev',
    BATON_PUBLIC_URL: `http://127.0.0.1:${port}`,
    BATON_TOKEN_KEY: setting.keys.tokenKey,
  };
  const [api] = await Promise.all([
    startApi(setting, port, { ...shared, BATON_DATABASE_URL: urls.api, BATON_COURIER_DATABASE_URL: urls.courier }),
    startWorker(setting, {
      ...shared,
      BATON_DATABASE_URL: urls.worker,
      BATON_CHECKPOINT_KEY: setting.keys.checkpointKey,
    }),
  ]);
  const demo = await startDemo(setting, api, temporal.uiUrl ?? null);
  const cli = {
    BATON_DATABASE_URL: urls.worker,
    BATON_TEMPORAL_ADDRESS: temporal.address,
    BATON_CHECKPOINT_PUBLIC_KEYS: setting.keys.checkpointPublicKey,
  };
  return { ...demo, cli };
}

async function startDatabase({ home, parts, ports, keys, log }: Setting): ReturnType<typeof prepareDatabase> {
  const port = await ports.pick('postgres');
  const { adminUrl, pid, stop } = await startPostgres({ dataDir: home.postgres, port, log });
  if (pid !== undefined) {
    await parts.add({ name: 'Postgres', stage: 'postgres', pid, stop, logFile: logOf(home.postgres) });
  }
  return prepareDatabase({ adminUrl, passwords: keys.passwords, noted: home.migrations, log });
}

async function startWorkflows({ home, parts, ports, log }: Setting): ReturnType<typeof startTemporal> {
  const port = await ports.pick('temporal');
  const uiPort = await ports.pick('temporal-ui');
  const temporal = await startTemporal({ dataDir: home.temporal, port, uiPort, log });
  const { pid, stop } = temporal;
  if (pid !== undefined) {
    await parts.add({ name: 'Temporal', stage: 'temporal', pid, stop, logFile: logOf(home.temporal) });
  }
  return temporal;
}

async function startApi(
  { home, parts, keys, log }: Setting,
  port: number,
  env: Record<string, string>,
): Promise<string> {
  const { pid, stop } = await startNode({
    name: 'API',
    main: 'api/main.ts',
    dir: home.api,
    env: { ...env, BATON_JWT_KEYS: keys.jwtKey, BATON_OPERATOR_KEY: keys.operatorKey, BATON_DRAIN_SECONDS: '0' },
    port: async () => port,
    log,
  });
  await parts.add({ name: 'API', stage: 'api', pid, stop, logFile: logOf(home.api) });
  return `http://127.0.0.1:${port}`;
}

async function startWorker({ home, parts, ports, log }: Setting, env: Record<string, string>): Promise<void> {
  log('bundling the workflows for the worker');
  const port = () => ports.pick('worker');
  const { pid, stop } = await startNode({ name: 'worker', main: 'worker/main.ts', dir: home.worker, env, port, log });
  await parts.add({ name: 'worker', stage: 'worker', pid, stop, logFile: logOf(home.worker) });
}

/** The account comes first: it gives out the secrets that bot, desk and backend sign with. */
async function startDemo(
  { home, parts, ports, keys, log }: Setting,
  api: string,
  ui: string | null,
): Promise<Omit<Running, 'cli'>> {
  const [botPort, deskPort, backendPort] = [
    await ports.pick('bot'),
    await ports.pick('desk'),
    await ports.pick('backend'),
  ];
  const at = (port: number) => `http://127.0.0.1:${port}`;
  const addresses = { bot: at(botPort), desk: at(deskPort), backend: at(backendPort) };
  const operator = createApiClient(api, keys.operatorKey);
  const account = await ensureDemoAccount(operator, home.account, addresses);
  const { token } = await operator.as(account.key).post<{ token: string }>(`/v1/agents/${account.agents.ada}/tokens`);

  const bot = await startDemoBot({ secret: account.bot.secret });
  await parts.add({ name: 'demo bot', stage: 'demo', stop: bot.stop });
  const turns = await startTurnLog({ port: botPort, botUrl: bot.url });
  await parts.add({ name: 'its log', stage: 'demo', stop: turns.stop });
  const desk = await startDemoDesk({ secret: account.desk.secret, port: deskPort, webhookUrl: deskUrl(api, account) });
  await parts.add({ name: 'demo desk', stage: 'demo', stop: desk.stop });
  const backend = await startBackend({
    secret: account.channels.http.secret,
    port: backendPort,
    webhookUrl: channelUrl(api, account),
  });
  await parts.add({ name: 'demo backend', stage: 'demo', stop: backend.stop });
  log('demo bot, demo desk and demo backend are up');

  const { accountId, channels } = account;
  return {
    urls: {
      api,
      docs: `${api}/docs`,
      webchat: `${api}/demo?account=${accountId}&channel=${channels.webchat.id}`,
      temporalUi: ui,
      ...addresses,
    },
    operatorKey: keys.operatorKey,
    account,
    agentToken: token,
  };
}

const deskUrl = (api: string, { accountId, desk }: DemoAccount) => `${api}/v1/desks/${accountId}/${desk.id}/events`;
const channelUrl = (api: string, { accountId, channels }: DemoAccount) =>
  `${api}/v1/webhooks/${accountId}/${channels.http.id}`;
