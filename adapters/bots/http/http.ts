import type { BotAdapter } from '../../contract/bot.ts';
import { rereadJson } from '../../json.ts';
import { answer, readAnswer } from './answer.ts';
import { ask } from './ask.ts';
import { httpBotSettings } from './settings.ts';

/** Any bot that speaks HTTP: the native protocol and the `livechat` dialect, signed with Standard Webhooks. */
export const http: BotAdapter = {
  type: 'http',
  settings: httpBotSettings,
  ask,
  body: answer,
  parse(body) {
    const json = rereadJson(body);
    return json.ok ? readAnswer(json.value) : { ok: false, issues: [`(all): ${json.because}`] };
  },
};
