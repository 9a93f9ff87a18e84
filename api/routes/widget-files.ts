/** The script that sites embed, and a page to try it on. Read once: they change with the build. */
import { readFile } from 'node:fs/promises';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { widgetFiles } from '../../adapters/channels/webchat/widget/files.ts';

const paths = {
  '/widget.js': widgetFiles['widget.js'],
  '/demo': widgetFiles['demo.html'],
  '/demo.js': widgetFiles['demo.js'],
} as const;

/** The chat itself adds its styles by script, and so needs none to be allowed. */
const policy =
  "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'";

export const widgetFileRoutes: FastifyPluginAsyncZod = async (app) => {
  for (const [path, { url, type }] of Object.entries(paths)) {
    const body = await readFile(url);
    app.get(path, { config: { scope: 'public' }, schema: { hide: true } }, async (_request, reply) =>
      reply
        .type(type)
        .header('cache-control', 'public, max-age=300')
        .header('content-security-policy', policy)
        .send(body),
    );
  }
};
