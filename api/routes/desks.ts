/** Desks: outside systems in which people answer. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { countChatsOfDesk } from '../../store/desks.ts';
import { newestPolicy } from '../../store/policy-versions.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { isRoutedTo } from '../policy-check.ts';
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
      const policy = isRoutedTo(await newestPolicy(tx, accountId), id);
      if (chats > 0 || policy) {
        throw new Problem('in-use', {
          detail: 'Chats are there or wait for it, or the policy names it.',
          chats,
          policy,
        });
      }
    },
  });
}
