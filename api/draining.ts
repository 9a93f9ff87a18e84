/**
 * How a process leaves without failing a request. Whoever hands out requests learns only after a while that it goes, and a
 * server that listens no more refuses what comes until then, and resets connections that it had not accepted yet. So it first
 * says that it is not ready, and for a time answers all that comes, each connection's last answer with `Connection: close`.
 */
import type { FastifyInstance } from 'fastify';

export interface Draining {
  readonly hasBegun: boolean;
  begin(): void;
}

export function createDraining(): Draining {
  let hasBegun = false;
  return {
    get hasBegun() {
      return hasBegun;
    },
    begin: () => void (hasBegun = true),
  };
}

/** A connection that stays open while nobody answers on it any more would break under the next request. */
export function letGoOfConnections(app: FastifyInstance, draining: Pick<Draining, 'hasBegun'>): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (draining.hasBegun) reply.header('connection', 'close');
    done(null, payload);
  });
}
