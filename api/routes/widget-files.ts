/** The script that sites embed, and a page to try it on. Made once: they change with the build. */
import { gzipSync } from 'node:zlib';
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
  for (const [path, { read, type }] of Object.entries(paths)) {
    const plain = await read();
    const zipped = gzipSync(plain, { level: 9 });
    app.get(path, { config: { scope: 'public' }, schema: { hide: true } }, async (request, reply) => {
      const zips = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
      if (zips) reply.header('content-encoding', 'gzip');
      return reply
        .type(type)
        .header('vary', 'accept-encoding')
        .header('cache-control', 'public, max-age=300')
        .header('content-security-policy', policy)
        .send(zips ? zipped : plain);
    });
  }
};
