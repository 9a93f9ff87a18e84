/** Desks: outside systems in which people answer. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { countChatsOfDesk } from '../../store/desks.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { Problem } from '../problem.ts';
import { partyRoutes } from './parties.ts';

export function deskRoutes({ desks, clock }: ApiDependencies): FastifyPluginAsyncZod {
  return partyRoutes({
    table: 'desks',
    noun: 'desk',
    title: 'Desks',
    model: 'Desk',
    registry: desks,
    clock,
    requireUnused: async (tx, accountId, id) => {
      const chats = await countChatsOfDesk(tx, accountId, id);
      if (chats > 0) {
        throw new Problem('in-use', { detail: 'Chats wait for this desk, or are held there.', chats });
      }
    },
  });
}
