/** For routes whose body may be left out: no body is an empty object, to which the schema adds its defaults. */
import type { FastifyInstance } from 'fastify';

export function allowAbsentBodies(app: FastifyInstance): void {
  app.addHook('preValidation', async (request) => {
    // `null` was sent, and is none of what may be sent.
    if (request.body === undefined) request.body = {};
  });
}
