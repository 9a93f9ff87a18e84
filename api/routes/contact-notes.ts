/** Notes on a contact: colleagues and backends write them, and no customer ever sees one. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import * as store from '../../store/contacts.ts';
import type { Page } from '../../store/queries.ts';
import { idIn, nothing, words } from '../fields.ts';
import { pageById, pageOf, pageQuery } from '../paging.ts';
import { changedBy } from '../principal.ts';
import { found, notFound } from '../problem.ts';
import type { App } from '../typed-app.ts';
import { note, showNote } from './contact-schema.ts';

const tags = ['Contacts'];
const params = idIn('contactId');

export function contactNoteRoutes(clock: () => number): FastifyPluginAsyncZod {
  return async (app) => {
    listNotes(app);
    writeNote(app, clock);
    deleteNote(app, clock);
  };
}

function listNotes(app: App): void {
  app.get(
    '/contacts/:contactId/notes',
    {
      config: { scope: 'contacts:read' },
      schema: {
        tags,
        summary: 'Notes on a contact, newest first',
        description: 'Written by colleagues and backends; customers never see one.',
        params,
        querystring: z.strictObject(pageQuery),
        response: { 200: pageOf(note) },
      },
    },
    async (request) => {
      const { contactId } = request.params;
      const notesOf = (page: Page) =>
        request.inAccount(async (tx, accountId) => {
          found(await store.findContact(tx, accountId, contactId), 'contact');
          return store.listNotes(tx, accountId, contactId, page);
        });
      return pageById(request.query, notesOf, showNote);
    },
  );
}

function writeNote(app: App, clock: () => number): void {
  app.post(
    '/contacts/:contactId/notes',
    {
      config: { scope: 'contacts:write' },
      schema: {
        tags,
        summary: 'Write a note; customers never see it',
        description: 'At most 10000 characters. Two requests write two notes.',
        params,
        body: z.strictObject({ text: words(10_000) }).meta({ examples: [{ text: 'Prefers to be called.' }] }),
        response: { 201: note },
      },
    },
    async (request, reply) => {
      const { contactId } = request.params;
      const by = changedBy(request.principal, new Date(clock()));
      const agentId = by.kind === 'agent' ? by.id : null;
      const row = { id: uuid(), agentId, text: request.body.text, createdAt: by.at };
      if (!(await request.inAccount((tx, accountId) => store.insertNote(tx, accountId, contactId, row, by)))) {
        throw notFound('contact');
      }
      return reply.code(201).send(showNote(row));
    },
  );
}

function deleteNote(app: App, clock: () => number): void {
  app.delete(
    '/contacts/:contactId/notes/:noteId',
    {
      config: { scope: 'contacts:write' },
      schema: {
        tags,
        summary: 'Delete a note',
        description: 'For good, also somebody else’s. 404 for a note of another contact.',
        params: idIn('contactId', 'noteId'),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { contactId, noteId: id } = request.params;
      const by = changedBy(request.principal, new Date(clock()));
      if (!(await request.inAccount((tx, accountId) => store.deleteNote(tx, accountId, { contactId, id }, by)))) {
        throw notFound('note of this contact');
      }
      return reply.code(204).send();
    },
  );
}
