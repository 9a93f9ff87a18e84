/** Where a visitor's chat begins: a session, for somebody whom the site has signed in, or for somebody new. */
import { randomBytes } from 'node:crypto';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { appearance } from '../../adapters/channels/webchat/settings.ts';
import { inAccount } from '../../store/connection.ts';
import { findEndpoint } from '../../store/endpoints.ts';
import { findVisitorConversation } from '../../store/visitor-stream.ts';
import { insertVisitorSession } from '../../store/visitors.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { id, iso, time, words } from '../fields.ts';
import { hashToken } from '../tokens.ts';
import { identify, requireOrigin, visitorSessionMs } from '../visitors.ts';

const jwt = z.string().min(1).max(8_192).describe('Who the site says this is: HS256 under a secret of the channel.');
const pageUrl = z.url({ protocol: /^https?$/ }).max(2_048);

const newSession = z.strictObject({
  accountId: id,
  channelId: id,
  visitor: z
    .union([
      jwt,
      z.strictObject({
        jwt: jwt.optional(),
        name: words(255).optional(),
        email: z.email().max(320).optional(),
        phone: words(64).optional(),
        pageUrl: pageUrl.optional(),
      }),
    ])
    .optional(),
  pageUrl: pageUrl.optional().catch(undefined),
});

const session = z.object({
  token: z.string().describe('For Authorization: Bearer.'),
  visitorId: z.string(),
  expiresAt: time,
  cursor: z.number().int().describe('Last place of the stream so far; 0: nothing has been said.'),
  title: z.string(),
  appearance: z.object({
    title: z.string(),
    greeting: z.string(),
    colours: z.object({ accent: z.string(), onAccent: z.string() }),
  }),
});

export function widgetSessionRoutes(deps: ApiDependencies): FastifyPluginAsyncZod {
  const { pool, clock, config } = deps;
  return async (app) => {
    app.post(
      '/widget/sessions',
      {
        config: {
          scope: 'public',
          problems: ['forbidden', 'not-found'],
          rateLimit: { max: Math.max(1, Math.ceil(config.ratePerAddress / 50)), timeWindow: 60_000 },
        },
        schema: {
          tags: ['Web chat'],
          summary: 'Begin a visitor’s session',
          description:
            'From the page, without a key. `visitor` is who the site says this is (a JWT, HS256 under a secret of ' +
            'the channel), or what the page says of itself, unsigned; without it somebody new. 403 `forbidden` for a ' +
            'page whose origin the channel doesn’t allow, a JWT that isn’t good, or nobody signed in where ' +
            '`identityRequired` says so. Limited to about a fiftieth of an address’s other requests.',
          body: newSession,
          response: { 201: session },
        },
      },
      async (request, reply) => {
        const { accountId, channelId, visitor, pageUrl: seen } = request.body;
        const channel = await findEndpoint(pool, 'channel', accountId, channelId);
        requireOrigin(deps, request, channel);
        const told = typeof visitor === 'string' ? { jwt: visitor } : (visitor ?? {});
        const who = identify(app, deps, channel, told);
        const token = `vt_${randomBytes(32).toString('base64url')}`;
        const at = new Date(clock());
        const expiresAt = new Date(at.getTime() + visitorSessionMs);
        const made = { accountId, channelId, id: newId(), expiresAt, tokenHash: hashToken(token), at, ...who };
        const conversation = await inAccount(pool, accountId, async (tx) => {
          await insertVisitorSession(tx, {
            ...made,
            pageUrl: ('pageUrl' in told ? told.pageUrl : undefined) ?? seen ?? null,
          });
          return findVisitorConversation(tx, made);
        });
        const look = appearance(channel.settings);
        return reply.code(201).send({
          token,
          visitorId: who.externalId,
          expiresAt: iso(expiresAt),
          cursor: conversation?.lastPlace ?? 0,
          title: look.title,
          appearance: look,
        });
      },
    );
  };
}
