/** Erasing a contact: what a person may ask for, and can't be undone. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { eraseContact, eraseWords } from '../../store/erasure.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { finishErasures } from '../erasing.ts';
import { id, idIn, iso, time } from '../fields.ts';
import { found, Problem } from '../problem.ts';

const erased = z
  .object({
    contactId: id,
    erasedAt: time,
    erasedBy: z.object({ kind: z.enum(['agent', 'key']), id }),
    finished: z
      .boolean()
      .describe('`false`: somebody was writing at that moment; what they wrote is erased within a minute. Ask again.'),
    exports: z
      .array(
        z.object({ id, conversationId: id, madeAt: time, madeBy: z.string(), file: z.string(), sha256: z.string() }),
      )
      .describe(
        'Exported files with words of theirs: delete them, wherever they are. One that is not there was never finished. ' +
          'What is exported after the erasure has no words, and isn’t listed.',
      ),
  })
  .meta({ id: 'Erasure' });

export function contactErasureRoutes(deps: ApiDependencies): FastifyPluginAsyncZod {
  const { pool, clock } = deps;
  return async (app) => {
    finishErasures(app, deps);

    app.post(
      '/contacts/:contactId/erase',
      {
        config: { scope: 'contacts:erase', problems: ['conversation-open'] },
        schema: {
          tags: ['Contacts'],
          summary: 'Erase a contact, for good; again: the same answer',
          description:
            'Name, addresses, ids on channels, notes, tags, attributes, and of their conversations every word, file, ' +
            'draft and comment, and the key of their digests. Ids, times, numbers and codes stay: records verify and ' +
            'replay as before. 409 `conversation-open` while a person has one of their conversations or is awaited in ' +
            'one (`conversationIds`): resolve those first. Whoever writes again is a new contact; a message that a ' +
            'network repeats is not stored again.',
          params: idIn('contactId'),
          response: { 200: erased },
        },
      },
      async (request) => {
        const { accountId, kind, id: own } = request.principal;
        const contact = { accountId, contactId: request.params.contactId };
        const by = { kind, id: own, at: new Date(clock()) };
        const erasure = found(await eraseContact(pool, contact, by), 'contact');
        if (erasure.kind === 'open') {
          throw new Problem('conversation-open', { conversationIds: erasure.conversations.slice(0, 100) });
        }
        const finished = erasure.finished || (await eraseWords(pool, contact, clock));
        return {
          contactId: contact.contactId,
          erasedAt: iso(new Date(erasure.at)),
          erasedBy: erasure.by,
          finished,
          exports: erasure.exports.map((file) => ({ ...file, madeAt: iso(new Date(file.madeAt)) })),
        };
      },
    );
  };
}
