/** The rotation of a connection's signing secret: the same route for channels, bots and desks. */
import { putSecret, type SecretTable } from '../../store/secrets.ts';
import { idIn } from '../fields.ts';
import { found } from '../problem.ts';
import { newWebhookSecret } from '../tokens.ts';
import type { App } from '../typed-app.ts';
import { madeSecret, newSecret } from './party-schema.ts';

export function serveSecrets(
  app: App,
  { table, noun, tags }: { table: SecretTable; noun: 'bot' | 'channel' | 'desk'; tags: string[] },
): void {
  const param = `${noun}Id` as const;
  app.post(
    `/${table}/:${param}/secrets`,
    {
      config: { scope: `${table}:write` },
      schema: {
        tags,
        summary: 'Rotate the signing secret; the one before stays valid until the next rotation',
        description:
          'What goes out is signed with both, and either proves what comes in. The secret is shown this once; two requests are two ' +
          'rotations, after which the first secret is no longer good.',
        params: idIn(param),
        body: newSecret,
        response: { 201: madeSecret },
      },
    },
    async (request, reply) => {
      const { accountId } = request.principal;
      const id = request.params[param];
      const { secret = newWebhookSecret(), keepPrevious: keepLast } = request.body;
      const secretCount = await request.inAccount((tx) => putSecret(tx, table, accountId, id, { secret, keepLast }));
      return reply.code(201).send({ secret, secretCount: found(secretCount, noun) });
    },
  );
}
