/** Where to begin, the OpenAPI document, a page to read it with, and what each problem code means. */
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Problem, problems } from '../problem.ts';

const beginning = z.object({
  name: z.literal('Baton'),
  docs: z.string().describe('A page to read the document with.'),
  openapi: z.string().describe('The OpenAPI document.'),
  livez: z.string(),
  readyz: z.string(),
});
const places: z.output<typeof beginning> = {
  name: 'Baton',
  docs: '/docs',
  openapi: '/v1/openapi.json',
  livez: '/livez',
  readyz: '/readyz',
};

export const docsRoutes: FastifyPluginAsyncZod = async (app) => {
  for (const path of ['/', '/v1']) {
    app.get(
      path,
      {
        config: { scope: 'public' },
        schema: {
          tags: ['Docs'],
          summary: 'Where to begin',
          description: 'For whoever has the address and nothing else: where the rest is, relative to it.',
          response: { 200: beginning },
        },
      },
      async () => places,
    );
  }

  app.get('/v1/openapi.json', { config: { scope: 'public' }, schema: { hide: true } }, async () => app.swagger());

  app.get(
    '/v1/problems/:code',
    {
      config: { scope: 'public' },
      schema: {
        tags: ['Docs'],
        summary: 'What a problem’s code means',
        description:
          'Where `type` of a problem leads. Codes are never renamed, only added. 404 for a code that there is none ' +
          'of.',
        params: z.object({ code: z.string().max(64).describe('`code` of a problem.') }),
        response: {
          200: z.object({
            code: z.string(),
            status: z.number().int(),
            title: z.string(),
            detail: z.string().optional(),
          }),
        },
      },
    },
    async ({ params: { code } }) => {
      const kind = Object.entries(problems).find(([known]) => known === code)?.[1];
      if (kind === undefined) {
        throw new Problem('not-found', { detail: 'There is no such code of a problem.' });
      }
      return { code, ...kind };
    },
  );

  await app.register(async (page) => {
    // The plugin's own routes can't declare it.
    page.addHook('onRoute', (route) => {
      route.config = { ...route.config, scope: 'public' };
    });
    await page.register(swaggerUi, {
      routePrefix: '/docs',
      logLevel: 'warn',
      // Nobody outside is told of the document, and the page works without TLS, too.
      uiConfig: { validatorUrl: null },
      staticCSP: "default-src 'self'; base-uri 'self'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'",
    });
  });
};
