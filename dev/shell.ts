import type { Running } from './running.ts';

/** What the README's commands stand on, for any shell that descends from sh. */
export function shellFile({ urls, account, agentToken, cli }: Running): string {
  const values = {
    API: urls.api,
    JSON: 'content-type: application/json',
    KEY: account.key,
    ACCOUNT: account.accountId,
    CHANNEL: account.channels.webchat.id,
    ADA: account.agents.ada,
    ADAS_TOKEN: agentToken,
    ...cli,
    BATON_ACCOUNT: account.accountId,
  };
  return [
    '# Written by `npm run dev`: where everything is, and the demo keys.',
    ...Object.entries(values).map(([name, value]) => `export ${name}='${value}'`),
    '# One value of an answer: field .token',
    `field() { node -p "JSON.parse(require('fs').readFileSync(0))$1"; }`,
    '# The messages of an answer, a line each: who, and what.',
    `lines() { node -e '${PRINT_LINES}'; }`,
    '',
  ].join('\n');
}

const PRINT_LINES = [
  'const { items, messages = items } = JSON.parse(require("fs").readFileSync(0));',
  'for (const { author, content } of messages) console.log(author.kind + ": " + content.text);',
].join(' ');
