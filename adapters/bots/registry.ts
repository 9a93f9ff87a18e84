import type { BotAdapter } from '../contract/bot.ts';
import { http } from './http/http.ts';

/** Every kind of bot, by the name that stands in `bots.type`. */
export const bots: ReadonlyMap<string, BotAdapter> = new Map([http].map((one) => [one.type, one]));
