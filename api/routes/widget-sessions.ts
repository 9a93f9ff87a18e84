/** Where a visitor's chat begins: a session, for somebody whom the site has signed in, or for somebody new. */
import { randomBytes } from 'node:crypto';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { appearance } from '../../adapters/channels/webchat/settings.ts';
import { inAccount } from '../../store/connection.ts';
import { findEndpoint } from '../../store/endpoints.ts';
import { findVisitorConversation } from '../../store/visitor-stream.ts';
import { insertVisitorSession, type NewVisitorSession } from '../../store/visitors.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { email, id, iso, time, words } from '../fields.ts';
import { hashToken } from '../tokens.ts';
import { identify, requireOrigin, type ToldVisitor, visitorSessionMs } from '../visitors.ts';

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
        email: email.optional(),
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
  return async (app) => {
    app.post(
      '/widget/sessions',
      {
        config: {
          scope: 'public',
          problems: ['forbidden', 'not-found'],
          rateLimit: { max: Math.max(1, Math.ceil(deps.config.ratePerAddress / 50)), timeWindow: 60_000 },
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
        const { accountId, channelId } = request.body;
        const channel = await findEndpoint(deps.pool, 'channel', accountId, channelId);
        requireOrigin(deps, request, channel);
        const told = toldIn(request.body);
        const who = identify(app, deps, channel, told);
        const begun = await begin(deps, { accountId, channelId, ...who, pageUrl: told.pageUrl ?? null });
        const look = appearance(channel.settings);
        return reply.code(201).send({ ...begun, visitorId: who.externalId, title: look.title, appearance: look });
      },
    );
  };
}

interface Told extends ToldVisitor {
  pageUrl?: string | undefined;
}

/** The page that is named with the visitor counts before the one that is named beside. */
function toldIn({ visitor = {}, pageUrl: beside }: z.output<typeof newSession>): Told {
  const told: Told = typeof visitor === 'string' ? { jwt: visitor } : visitor;
  return { ...told, pageUrl: told.pageUrl ?? beside };
}

async function begin(
  { pool, clock }: ApiDependencies,
  visitor: Omit<NewVisitorSession, 'id' | 'tokenHash' | 'at' | 'expiresAt'>,
): Promise<{ token: string; expiresAt: string; cursor: number }> {
  const token = `vt_${randomBytes(32).toString('base64url')}`;
  const at = new Date(clock());
  const expiresAt = new Date(at.getTime() + visitorSessionMs);
  const conversation = await inAccount(pool, visitor.accountId, async (tx) => {
    await insertVisitorSession(tx, { ...visitor, id: newId(), tokenHash: hashToken(token), at, expiresAt });
    return findVisitorConversation(tx, visitor);
  });
  return { token, expiresAt: iso(expiresAt), cursor: conversation?.lastPlace ?? 0 };
}
