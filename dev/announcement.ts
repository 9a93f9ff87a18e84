import { type Home, shown } from './home.ts';
import type { Running } from './running.ts';

/** Where everything is, a line each. */
export function places({ urls, account }: Running, home: Home): string {
  const all: [string, string][] = [
    ['web chat', urls.webchat],
    ['API', `${urls.api}/v1`],
    ['its docs', urls.docs],
    ['Temporal', urls.temporalUi ?? 'yours (TEMPORAL_ADDRESS)'],
    ['demo desk', `${urls.desk}/`],
    ['demo backend', `${urls.backend}/`],
    ['bot’s turns', `${urls.bot}/turns`],
    ['logs', `${shown(home.api)}/server.log, ${shown(home.worker)}/server.log`],
    ['API key', account.key],
  ];
  return all.map(([what, where]) => `  ${what.padEnd(14)}${where}`).join('\n');
}

/** What `npm run dev` says when everything is up. */
export function announcement(running: Running, home: Home): string {
  return [
    '',
    'Baton is up.',
    '',
    places(running, home),
    '',
    'To try:',
    '  npm run demo                 a conversation from the first message to the audit, step by step',
    '  the web chat                 open it in a browser, say hello, then human',
    `  source ${shown(home.shell)}   and follow README.md with curl`,
    '',
    'Ctrl-C stops what this started; the data stays. npm run dev -- --reset starts with none.',
  ].join('\n');
}
