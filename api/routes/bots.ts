/** Bots that answer customers before (and after) people do. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { countChannelsOfBot } from '../../store/bots.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { Problem } from '../problem.ts';
import { partyRoutes } from './parties.ts';

export function botRoutes({ bots, clock }: ApiDependencies): FastifyPluginAsyncZod {
  return partyRoutes({
    table: 'bots',
    noun: 'bot',
    title: 'Bots',
    model: 'Bot',
    registry: bots,
    clock,
    requireUnused: async (tx, accountId, id) => {
      const channels = await countChannelsOfBot(tx, accountId, id);
      if (channels > 0) {
        throw new Problem('in-use', { detail: 'Channels name this bot.', channels });
      }
    },
  });
}
