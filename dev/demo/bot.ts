import type { BotTurn } from '../../adapters/contract/bot.ts';
import { newSecret } from './signed-post.ts';
import { startSignedServer, type Reply } from './signed-server.ts';

/**
 * A bot that shows all that a bot can do. What it understands is what `help` says. Remembers conversations for as long
 * as it runs, and answers a repeated turn as it did before.
 */
export async function startDemoBot(options: DemoBotOptions = {}): Promise<DemoBot> {
  const { secret = newSecret(), port = 0, laterMs = 2000 } = options;
  const answers = new Map<string, Answer>();
  const intakes = new Map<string, Intake>();

  const server = await startSignedServer({
    secret,
    port,
    onCall({ type, data }): Reply {
      if (type !== 'bot.turn.requested') return { status: 404 };
      const turn = data as BotTurn;
      const answer = answers.get(turn.turnId) ?? answerTo(turn, intakes);
      remember(answers, turn.turnId, answer);
      if (!answer.later) return { status: 200, body: answer.says };
      setTimeout(() => void answerLater(turn, answer.says), laterMs);
      return { status: 202 };
    },
  });
  return { url: server.url, secret, stop: server.stop };
}

export interface DemoBotOptions {
  secret?: string;
  port?: number;
  /** How long it takes for what it calls slow. */
  laterMs?: number;
}

export interface DemoBot {
  url: string;
  secret: string;
  stop(): Promise<void>;
}

type Said = Extract<BotTurn['event'], { type: 'messages' }>['messages'][number];

/** Body of an answer; `later`: first a 202, and then this at `reply.url`. */
interface Answer {
  says: object;
  later?: true;
}

/** Old turns are forgotten first: nobody repeats them. */
function remember(answers: Map<string, Answer>, turnId: string, answer: Answer): void {
  answers.set(turnId, answer);
  const [oldest] = answers.keys();
  if (answers.size > 10_000 && oldest !== undefined) answers.delete(oldest);
}

async function answerLater({ reply }: BotTurn, says: object): Promise<void> {
  const response = await fetch(reply.url, {
    method: 'POST',
    headers: { authorization: `Bearer ${reply.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(says),
  }).catch((error: unknown) => error);
  if (!(response instanceof Response) || !response.ok)
    console.error('demo bot: the later answer was not taken', response);
}

function answerTo(turn: BotTurn, intakes: Map<string, Intake>): Answer {
  const { event, conversation } = turn;
  switch (event.type) {
    case 'prechat':
      return { says: beginIntake(conversation.id, event.agentStatus, intakes) };
    case 'returned':
      return { says: { messages: ['It is me again, the bot. What can I do for you?'] } };
    case 'messages': {
      const words = wordsOf(event.messages);
      const intake = intakes.get(conversation.id);
      if (!turn.intake || !intake) return answerToWords(words.at(-1) ?? '');
      // What was written before the first question is no answer to it.
      const said = wordsOf(event.messages.filter(({ at }) => Date.parse(at) >= intake.askedAt));
      return {
        says:
          said.length === 0 ? { intake: { status: 'open' } } : goOnWithIntake(conversation.id, said, intake, intakes),
      };
    }
  }
}

const wordsOf = (messages: Said[]): string[] =>
  messages.map(({ content }) => (content.payload ?? content.text ?? '').trim());

function answerToWords(words: string): Answer {
  const said = words.toLowerCase();
  const known = Object.entries(replies).find(([word]) => new RegExp(`\\b${word}\\b`).test(said));
  return known ? known[1](words) : { says: { messages: [`You said: ${words}`, HELP] } };
}

const HELP = 'I know: hello, human, billing, livechat, buttons, slow, nothing.';

const replies: Record<string, (words: string) => Answer> = {
  hello: () => ({ says: { messages: ['Hello! I am the demo bot.', HELP] } }),
  help: () => ({ says: { messages: [HELP] } }),
  human: () => ({
    says: {
      messages: ['I will look for somebody.'],
      handover: { reason: 'The customer asked for a person', history: 'all' },
    },
  }),
  billing: () => ({
    says: { handover: { reason: 'A question about a bill', skill: 'billing', priority: 5, history: 10 } },
  }),
  /** The same wish in the dialect: flat outputs beside the answer. */
  livechat: () => ({
    says: { answer: 'One moment, please.', livechat: true, skill: 'sales', mscWebstore: 'shop-nl', mscChannel: 'web' },
  }),
  buttons: () => ({
    says: {
      messages: [
        {
          text: 'What is it about?',
          buttons: [
            { title: 'A bill', payload: 'billing' },
            { title: 'Talk to a person', payload: 'human' },
            { title: 'Nothing', payload: 'nothing' },
          ],
        },
      ],
    },
  }),
  slow: () => ({ says: { messages: ['That took me a while.'] }, later: true }),
  nothing: () => ({ says: {} }),
};

// -------------------------------------------------------------------------------------------------------------- intake

interface Intake {
  /** When the first question was asked, epoch ms. */
  askedAt: number;
  /** Answers so far, one per question, in their order. */
  given: string[];
}

const QUESTIONS = [
  { name: 'name', label: 'Name', asks: 'May I have your name?' },
  { name: 'subject', label: 'Subject', asks: 'And what is it about, in a few words?' },
] as const;

function beginIntake(conversation: string, agentStatus: 'online' | 'offline', intakes: Map<string, Intake>): object {
  intakes.set(conversation, { askedAt: Date.now(), given: [] });
  const opening =
    agentStatus === 'online'
      ? 'Somebody is there. Two questions, so that they can help you at once.'
      : 'Nobody is there right now. I will take two notes for them.';
  return { messages: [opening, QUESTIONS[0].asks], intake: { status: 'open' } };
}

/** Each message answers one question; `cancel` at any of them goes back to the bot. */
function goOnWithIntake(conversation: string, words: string[], intake: Intake, intakes: Map<string, Intake>): object {
  if (words.some((word) => word.toLowerCase() === 'cancel')) {
    intakes.delete(conversation);
    return { messages: ['As you like. I am still here.'], intake: { status: 'cancelled' } };
  }
  intake.given.push(...words);
  const next = QUESTIONS[intake.given.length];
  if (next) return { messages: [next.asks], intake: { status: 'open' } };
  intakes.delete(conversation);
  const answers = QUESTIONS.map(({ name, label }, no) => ({ name, label, value: intake.given[no] ?? '' }));
  return { messages: ['Thank you. I pass you on.'], intake: { status: 'done', answers } };
}
