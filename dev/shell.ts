import type { Running } from './running.ts';

/**
 * What the README's commands stand on, for any shell that descends from sh. Nothing that it exports says to `npm run dev` or
 * `npm test`, started in the same terminal, that there are servers of somebody else's to use.
 */
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
    '# One value of an answer: field .token. A problem is told, and is an error.',
    `field() { node -e '${PRINT_FIELD}' "$1"; }`,
    '# The messages of an answer, a line each: who, and what.',
    `lines() { node -e '${PRINT_LINES}'; }`,
    '',
  ].join('\n');
}

const PRINT_FIELD = [
  'const answer = JSON.parse(require("fs").readFileSync(0));',
  'const { type = "", status, title, code, detail = "" } = answer;',
  'if (type.startsWith("/v1/problems/")) {',
  'console.error(status + " " + code + ": " + title + ". " + detail);',
  'process.exit(1);',
  '}',
  'console.log(process.argv[1].split(".").slice(1).reduce((value, name) => {',
  'const [, method] = /^at\\((-?\\d+)\\)$/.exec(name) ?? [];',
  'return method === undefined ? value?.[name] : value?.at(Number(method));',
  '}, answer));',
].join(' ');

const PRINT_LINES = [
  'const { items, messages = items } = JSON.parse(require("fs").readFileSync(0));',
  'for (const { author, content } of messages) console.log(author.kind + ": " + content.text);',
].join(' ');
