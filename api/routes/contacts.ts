/** Contacts: who writes to us. They come by themselves; people name, tag and annotate them (`contact-notes.ts`). */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import * as store from '../../store/contacts.ts';
import { flag, idIn, search } from '../fields.ts';
import { pageById, pageOf, pageQuery } from '../paging.ts';
import { changedBy } from '../principal.ts';
import { found } from '../problem.ts';
import type { App } from '../typed-app.ts';
import { contact, contactChange, showContact, tag } from './contact-schema.ts';

const tags = ['Contacts'];
const params = idIn('contactId');

export function contactRoutes(clock: () => number): FastifyPluginAsyncZod {
  return async (app) => {
    listContacts(app);
    readContact(app);
    changeContact(app, clock);
  };
}

function listContacts(app: App): void {
  app.get(
    '/contacts',
    {
      config: { scope: 'contacts:read' },
      schema: {
        tags,
        summary: 'Contacts, newest first',
        description:
          'Filters are combined with *and*. Contacts come by themselves when they first write; none is made here.',
        querystring: z.strictObject({
          ...pageQuery,
          q: search.describe('Part of a name, phone, e-mail, id on a channel, or note.'),
          tag: tag.optional().describe('Those with this tag, exactly so written.'),
          blocked: flag.optional().describe('`true`: the blocked alone; `false`: the others.'),
        }),
        response: { 200: pageOf(contact) },
      },
    },
    async (request) => {
      const { q, tag: wanted, blocked } = request.query;
      const filter = { q, tag: wanted, blocked };
      return pageById(
        request.query,
        (page) => request.inAccount((tx, accountId) => store.listContacts(tx, accountId, filter, page)),
        showContact,
      );
    },
  );
}

function readContact(app: App): void {
  app.get(
    '/contacts/:contactId',
    {
      config: { scope: 'contacts:read' },
      schema: {
        tags,
        summary: 'One contact',
        description:
          'With addresses, identities on channels, tags and attributes. After an erasure the ids stay and the ' +
          'words are gone.',
        params,
        response: { 200: contact },
      },
    },
    async (request) => {
      const { contactId } = request.params;
      const row = await request.inAccount((tx, accountId) => store.findContact(tx, accountId, contactId));
      return showContact(found(row, 'contact'));
    },
  );
}

function changeContact(app: App, clock: () => number): void {
  app.patch(
    '/contacts/:contactId',
    {
      config: { scope: 'contacts:write' },
      schema: {
        tags,
        summary: 'Change what is given',
        description:
          'Fields that are left out stay as they are; `tags` (at most 50, of 100 characters) and `attributes` (at ' +
          'most 100, values of 2000 characters) are replaced as a whole. Blocking is an action of a conversation.',
        params,
        body: contactChange,
        response: { 200: contact },
      },
    },
    async (request) => {
      const { contactId } = request.params;
      const by = changedBy(request.principal, new Date(clock()));
      const row = await request.inAccount(async (tx, accountId) => {
        const changed = await store.updateContact(tx, accountId, contactId, request.body, by);
        return changed ? store.findContact(tx, accountId, contactId) : null;
      });
      return showContact(found(row, 'contact'));
    },
  );
}
