import type { Running } from './running.ts';

/** What the README's commands stand on, for any shell that is a descendant of sh. */
export function shellFile({ urls, account, agentToken, cli }: Running): string {
  const values = {
    API: urls.api,
    BOT: urls.bot,
    KEY: account.key,
    ACCOUNT: account.accountId,
    CHANNEL: account.channels.webchat.id,
    ADA: account.agents.ada,
    ADAS_TOKEN: agentToken,
    ...cli,
    BATON_ACCOUNT: account.accountId,
  };
  return [
    '# Written by `npm run dev`: where everything is, and the demo keys. `field .token` reads one value of an answer.',
    ...Object.entries(values).map(([name, value]) => `export ${name}='${value}'`),
    "field() { node -p \"JSON.parse(require('fs').readFileSync(0, 'utf8'))$1\"; }",
    '',
  ].join('\n');
}
