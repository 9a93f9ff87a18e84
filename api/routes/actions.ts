/** What people and backends do with a conversation. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { existingTags } from '../../store/tags.ts';
import { allowAbsentBodies } from '../absent-bodies.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { id } from '../fields.ts';
import { requireKnown } from '../saving.ts';
import { action, noBody } from './action-route.ts';
import { assign, forward, handBack, join, reopen, unassign } from './actions-owner.ts';
import { block, reply, requestHandover } from './actions-words.ts';

const resolve = action({
  path: 'resolve',
  command: 'Resolve',
  scope: 'conversations:write',
  summary: 'Close a hand-over',
  description: 'Again: accepted, and nothing happens.',
  body: noBody,
  prepare: async () => ({}),
});

const unblock = action({
  path: 'unblock',
  command: 'Unblock',
  scope: 'conversations:block',
  summary: 'Unblock the contact',
  description: 'In every conversation. 409 `not-blocked` where there is nothing to undo.',
  body: noBody,
  prepare: async () => ({}),
});

const tag = action({
  path: 'tag',
  command: 'Tag',
  scope: 'conversations:write',
  summary: 'Add tags, take tags away',
  problems: ['unknown-reference'],
  description:
    'At most 100 of each. A tag that is there already, or isn’t, changes nothing. 422 `unknown-reference` ' +
    'for a tag that there is none of.',
  body: z
    .strictObject({ add: z.array(id).max(100).default([]), remove: z.array(id).max(100).default([]) })
    .refine(({ add, remove }) => add.length + remove.length > 0, 'Name a tag.'),
  async prepare(inAccount, { actor, body: { add, remove } }) {
    const known = await inAccount((tx) => existingTags(tx, actor.accountId, add));
    requireKnown(['add'], add, known);
    return { add, remove };
  },
});

const actions = [
  requestHandover,
  join,
  assign,
  unassign,
  forward,
  handBack,
  reply,
  resolve,
  reopen,
  block,
  unblock,
  tag,
];

export function actionRoutes(deps: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    allowAbsentBodies(app);
    for (const serve of actions) serve(app, deps);
  };
}
