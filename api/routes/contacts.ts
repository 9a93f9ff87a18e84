/** Contacts: who writes to us. They come by themselves; people name, tag and annotate them. */
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import * as store from '../../store/contacts.ts';
import { flag, id, idIn, iso, isoOrNull, name, nothing, search, time, words } from '../fields.ts';
import { pageOf, pageQuery, readCursor, toPage } from '../paging.ts';
import { found, notFound } from '../problem.ts';

const tag = z.string().trim().min(1).max(100);

const shown = z
  .object({
    id,
    name: z.string().nullable(),
    phones: z.array(z.string()),
    emails: z.array(z.string()),
    identities: z.array(z.object({ channelId: id, externalId: z.string() })).describe('Who it is, on which channel.'),
    attributes: z.record(z.string(), z.unknown()),
    tags: z.array(z.string()),
    blocked: z.boolean(),
    blockedUntil: time.nullable().describe('null with `blocked`: until unblocked.'),
    createdAt: time,
    erasedAt: time.nullable(),
  })
  .meta({ id: 'Contact' });

const note = z
  .object({ id, agentId: id.nullable().describe('null: a backend wrote it.'), text: z.string(), createdAt: time })
  .meta({ id: 'Note' });

const change = z
  .strictObject({
    name: name.nullable().optional(),
    tags: z
      .array(tag)
      .max(50)
      .transform((all) => [...new Set(all)])
      .optional()
      .describe('Replaces all tags.'),
    attributes: z
      .record(z.string().min(1).max(100), z.union([z.string().max(2_000), z.number(), z.boolean(), z.null()]))
      .refine((given) => Object.keys(given).length <= 100, 'At most 100')
      .optional()
      .describe('Replaces all attributes.'),
  })
  .meta({ examples: [{ name: 'Ada Lovelace', tags: ['vip'] }] });

function show(row: store.ContactRow): z.output<typeof shown> {
  const valuesOf = (kind: 'phone' | 'email') =>
    row.addresses.filter((one) => one.kind === kind).map((one) => one.value);
  return {
    id: row.id,
    name: row.name,
    phones: valuesOf('phone'),
    emails: valuesOf('email'),
    identities: row.identities,
    attributes: row.attributes,
    tags: row.tags,
    blocked: row.blocked,
    blockedUntil: isoOrNull(row.blockedUntil),
    createdAt: iso(row.createdAt),
    erasedAt: isoOrNull(row.erasedAt),
  };
}

const showNote = ({ createdAt, ...row }: store.NoteRow): z.output<typeof note> => ({
  ...row,
  createdAt: iso(createdAt),
});

const tags = ['Contacts'];
const params = idIn('contactId');

export function contactRoutes(clock: () => number): FastifyPluginAsyncZod {
  const changedBy = ({ principal: { kind, id } }: FastifyRequest): store.ChangedBy => ({
    kind,
    id,
    at: new Date(clock()),
  });

  return async (app) => {
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
          response: { 200: pageOf(shown) },
        },
      },
      async (request) => {
        const { limit, cursor, q, tag: wanted, blocked } = request.query;
        const after = readCursor(cursor, z.tuple([id]))?.[0] ?? null;
        const rows = await request.inAccount((tx) =>
          store.listContacts(tx, request.principal.accountId, { q, tag: wanted, blocked }, { limit, after }),
        );
        return toPage(rows, limit, (row) => [row.id], show);
      },
    );

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
          response: { 200: shown },
        },
      },
      async (request) => {
        const { contactId } = request.params;
        return show(
          found(
            await request.inAccount((tx) => store.findContact(tx, request.principal.accountId, contactId)),
            'contact',
          ),
        );
      },
    );

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
          body: change,
          response: { 200: shown },
        },
      },
      async (request) => {
        const { accountId } = request.principal;
        const { contactId } = request.params;
        const row = await request.inAccount(async (tx) => {
          if (!(await store.updateContact(tx, accountId, contactId, request.body, changedBy(request)))) {
            throw notFound('contact');
          }
          return found(await store.findContact(tx, accountId, contactId), 'contact');
        });
        return show(row);
      },
    );

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
        const { accountId } = request.principal;
        const { contactId } = request.params;
        const { limit, cursor } = request.query;
        const after = readCursor(cursor, z.tuple([id]))?.[0] ?? null;
        const rows = await request.inAccount(async (tx) => {
          found(await store.findContact(tx, accountId, contactId), 'contact');
          return store.listNotes(tx, accountId, contactId, { limit, after });
        });
        return toPage(rows, limit, (row) => [row.id], showNote);
      },
    );

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
        const { accountId, kind, id: own } = request.principal;
        const { contactId } = request.params;
        const agentId = kind === 'agent' ? own : null;
        const row = { id: uuid(), agentId, text: request.body.text, createdAt: new Date(clock()) };
        if (!(await request.inAccount((tx) => store.insertNote(tx, accountId, contactId, row, changedBy(request))))) {
          throw notFound('contact');
        }
        return reply.code(201).send(showNote(row));
      },
    );

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
        const { accountId } = request.principal;
        const { contactId, noteId: id } = request.params;
        const by = changedBy(request);
        if (!(await request.inAccount((tx) => store.deleteNote(tx, accountId, { contactId, id }, by)))) {
          throw notFound('note of this contact');
        }
        return reply.code(204).send();
      },
    );
  };
}
