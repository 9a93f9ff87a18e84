import type { BotAdapter, BotTurn } from '../../contract/bot.ts';
import type { Call } from '../../contract/call.ts';
import { exchange } from '../../exchange.ts';
import { readJson } from '../../json.ts';
import { failure, repeatable } from '../../outcomes.ts';
import { readAnswer } from './answer.ts';
import { httpBotSettings } from './settings.ts';

/** One try of a turn. All tries share the turn's id as `webhook-id`, so a bot can answer a repeat as it did before. */
export async function ask(turn: BotTurn, call: Call): ReturnType<BotAdapter['ask']> {
  const settings = httpBotSettings.safeParse(call.connection.settings);
  if (!settings.success) return failure('permanent', 'settings-unusable');
  const outgoing = { url: settings.data.url, id: turn.turnId, type: 'bot.turn.requested', data: turn };
  const answer = await exchange(outgoing, call);
  if (!answer.ok) return repeatable(answer);
  if (answer.status === 202) return { ok: true, deferred: true };
  if (answer.body === null) return failure('retryable', 'answer-lost');

  const json = answer.body.length === 0 ? { ok: true as const, value: {} } : readJson(answer.body);
  const read = json.ok ? readAnswer(json.value) : json;
  return read.ok ? { ok: true, words: read.words } : failure('content-rejected', 'answer-unreadable');
}
