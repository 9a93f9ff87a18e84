/**
 * The API, as a table of contents: what every request passes through, then every route. Nothing is loaded by itself. The
 * process (listening, signals, pools) is `main.ts`; tests build the app and inject requests.
 */
import jwt from '@fastify/jwt';
import type { FastifyInstance } from 'fastify';
import { announce } from './announcer.ts';
import { authenticate } from './auth.ts';
import type { ApiDependencies } from './dependencies.ts';
import { letGoOfConnections } from './draining.ts';
import { handleErrors } from './errors.ts';
import { readInput } from './input.ts';
import { logRequests } from './logging.ts';
import { describeApi } from './openapi.ts';
import { limitRates } from './rate-limits.ts';
import { goLive } from './live.ts';
import { measure, type Metrics } from './metrics.ts';
import { allowOrigins, refuseUnderPressure, setSecurityHeaders } from './protection.ts';
import { createServer } from './server.ts';
import { traceRequests } from './tracing.ts';
import { accountRoutes } from './routes/accounts.ts';
import { actionRoutes } from './routes/actions.ts';
import { agentTokenRoutes } from './routes/agent-tokens.ts';
import { agentRoutes } from './routes/agents.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { botReplyRoutes } from './routes/bot-replies.ts';
import { botRoutes } from './routes/bots.ts';
import { channelRoutes } from './routes/channels.ts';
import { commentRoutes } from './routes/comments.ts';
import { contactErasureRoutes } from './routes/contact-erasure.ts';
import { contactNoteRoutes } from './routes/contact-notes.ts';
import { contactRoutes } from './routes/contacts.ts';
import { conversationRoutes } from './routes/conversations.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { deskEventRoutes } from './routes/desk-events.ts';
import { deskRoutes } from './routes/desks.ts';
import { docsRoutes } from './routes/docs.ts';
import { feedRoutes } from './routes/feed.ts';
import { groupRoutes } from './routes/groups.ts';
import { healthRoutes } from './routes/health.ts';
import { invariantRoutes } from './routes/invariants.ts';
import { meRoutes } from './routes/me.ts';
import { messageRoutes } from './routes/messages.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { outcomeRoutes } from './routes/outcomes.ts';
import { policyRoutes } from './routes/policy.ts';
import { presenceRoutes } from './routes/presence.ts';
import { readingRoutes } from './routes/reading.ts';
import { tagRoutes } from './routes/tags.ts';
import { typingRoutes } from './routes/typing.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { widgetFileRoutes } from './routes/widget-files.ts';
import { widgetSessionRoutes } from './routes/widget-sessions.ts';
import { widgetStreamRoutes } from './routes/widget-stream.ts';
import { widgetRoutes } from './routes/widget.ts';

export async function buildApp(deps: ApiDependencies): Promise<FastifyInstance> {
  const app = createServer(deps);
  const metrics = await passThrough(app, deps);
  await app.register(docsRoutes);
  await app.register(healthRoutes(deps));
  await app.register(metricsRoutes(metrics, deps.config));
  await serveV1(app, deps);
  await app.register(widgetFileRoutes);
  return app;
}

/** What every request passes through. */
async function passThrough(app: FastifyInstance, deps: ApiDependencies): Promise<Metrics> {
  const { config } = deps;
  handleErrors(app);
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id));
  if (deps.draining) letGoOfConnections(app, deps.draining);
  logRequests(app);
  traceRequests(app);
  const metrics = measure(app, deps);
  await refuseUnderPressure(app, config);
  await setSecurityHeaders(app);
  await allowOrigins(app, config);
  await app.register(jwt, { secret: [...config.jwtKeys][0] ?? '' });
  await limitRates(app, config);
  authenticate(app, deps);
  readInput(app);
  await describeApi(app, config.publicUrl);
  return metrics;
}

async function serveV1(app: FastifyInstance, deps: ApiDependencies): Promise<void> {
  const { clock } = deps;
  const v1 = { prefix: '/v1' };
  const announcer = announce(app, deps);
  const live = goLive(app, deps.pool);
  await app.register(accountRoutes(deps), v1);
  await app.register(meRoutes(clock), v1);
  await app.register(apiKeyRoutes(clock), v1);
  await app.register(channelRoutes(deps), v1);
  await app.register(botRoutes(deps), v1);
  await app.register(deskRoutes(deps), v1);
  await app.register(groupRoutes(clock, announcer), v1);
  await app.register(agentRoutes(clock, announcer), v1);
  await app.register(presenceRoutes(deps, announcer), v1);
  await app.register(agentTokenRoutes(deps), v1);
  await app.register(contactRoutes(clock), v1);
  await app.register(contactNoteRoutes(clock), v1);
  await app.register(contactErasureRoutes(deps), v1);
  await app.register(policyRoutes(clock, announcer), v1);
  await app.register(tagRoutes(clock), v1);
  await app.register(conversationRoutes(deps), v1);
  await app.register(messageRoutes, v1);
  await app.register(commentRoutes(deps), v1);
  await app.register(typingRoutes, v1);
  await app.register(readingRoutes(deps), v1);
  await app.register(actionRoutes(deps), v1);
  await app.register(outcomeRoutes(deps), v1);
  await app.register(deadLetterRoutes(deps), v1);
  await app.register(invariantRoutes, v1);
  await app.register(webhookRoutes(deps), v1);
  await app.register(deskEventRoutes(deps), v1);
  await app.register(botReplyRoutes(deps), v1);
  await app.register(feedRoutes(deps, live), v1);
  await app.register(widgetSessionRoutes(deps), v1);
  await app.register(widgetStreamRoutes(deps, live), v1);
  await app.register(widgetRoutes(deps), v1);
}
