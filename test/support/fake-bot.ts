import type { BotTurn } from '../../adapters/contract/bot.ts';
import { newSecret } from '../../dev/demo/signed-post.ts';
import { startSignedServer, type Reply } from '../../dev/demo/signed-server.ts';
import { createConditions } from './conditions.ts';

/** A bot that does as it is told, and remembers every try of every turn. */
export async function startFakeBot(
  options: { secret?: string; port?: number; script?: BotScript } = {},
): Promise<FakeBot> {
  const { secret = newSecret() } = options;
  const tries: Try[] = [];
  const counts = new Map<string, number>();
  const conditions = createConditions();
  let script: BotScript = options.script ?? (() => ({}));

  const server = await startSignedServer({
    secret,
    port: options.port ?? 0,
    async onCall({ id, type, data }): Promise<Reply> {
      if (type !== 'bot.turn.requested') return { status: 404 };
      const turn = data as BotTurn;
      if (turn.turnId !== id) return { status: 400 };
      const attempt = { turn, no: (counts.get(id) ?? 0) + 1 };
      counts.set(id, attempt.no);
      tries.push(attempt);
      conditions.check();
      const says = await script(turn, attempt.no);
      if (says === 'defer') return { status: 202 };
      if (says === 'drop' || says === 'hang') return says;
      return isReply(says) ? says : { status: 200, body: says };
    },
  });

  return {
    ...server,
    secret,
    tries,
    turns: () => [...new Map(tries.map(({ turn }) => [turn.turnId, turn])).values()],
    script: (next) => void (script = next),
    async later({ reply }, says) {
      const response = await fetch(reply.url, {
        method: 'POST',
        headers: { authorization: `Bearer ${reply.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(says),
      });
      return { status: response.status, body: await response.text() };
    },
    until: (condition, timeoutMs) =>
      conditions.until(
        () => condition(tries),
        () => tries.map(({ turn, no }) => `${turn.turnId} (try ${no}): ${turn.event.type}`),
        timeoutMs,
      ),
  };
}

/** May wait: the bot then answers late. `no` counts the tries of this turn from 1. */
export type BotScript = (turn: BotTurn, no: number) => BotSays | Promise<BotSays>;

/** The body of a 200, or `defer` for a 202; or a status that is none. */
export type BotSays =
  | 'defer'
  | 'drop'
  | 'hang'
  | { status: number; body?: unknown; headers?: Record<string, string> }
  | object;

export interface Try {
  turn: BotTurn;
  no: number;
}

export interface FakeBot {
  /** For the bot's settings. */
  readonly url: string;
  readonly secret: string;
  /** Every try, in order. */
  readonly tries: Try[];
  /** Each turn once, in order. */
  turns(): BotTurn[];
  script(next: BotScript): void;
  /** The later answer to a turn that was deferred. */
  later(turn: Pick<BotTurn, 'reply'>, says: object): Promise<{ status: number; body: string }>;
  until(condition: (tries: Try[]) => boolean, timeoutMs?: number): Promise<void>;
  /** Calls that have no answer yet, and whose caller is still there. */
  waiting(): number;
  die(): Promise<void>;
  revive(): Promise<void>;
  stop(): Promise<void>;
}

function isReply(says: object): says is Exclude<Reply, string> {
  return 'status' in says && typeof says.status === 'number';
}
