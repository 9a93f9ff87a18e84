/** The live check of what must always hold; the same rules are property tests of the engine. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { invariants, readViolations } from '../../store/invariants.ts';

const report = z.object({
  ok: z.boolean(),
  checked: z.array(z.enum(invariants)),
  violations: z.array(
    z.object({
      invariant: z.enum(invariants),
      count: z.number().int(),
      ids: z.array(z.string()).describe('The first few conversations or agents.'),
    }),
  ),
});

export const invariantRoutes: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/invariants',
    {
      config: { scope: 'audit:read' },
      schema: {
        tags: ['Audit'],
        summary: 'Check what must hold of every conversation of the account, now',
        description: 'Reads everything once: an operator’s tool, not a health check.',
        response: { 200: report },
      },
    },
    async (request) => {
      const violations = await request.inAccount((tx) => readViolations(tx, request.principal.accountId));
      return { ok: violations.length === 0, checked: invariants, violations };
    },
  );
};
