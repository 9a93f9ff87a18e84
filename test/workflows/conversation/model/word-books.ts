/**
 * What becomes of each of the customer's messages: the bot was given it, the form has read it, or a person can read it.
 * Until then it stands in the state as waiting. Where the session has no bot, only what is written to the form waits.
 */
import { expect } from 'vitest';
import type { ConversationEvent } from '../../../../workflows/conversation/events.ts';
import type { InboxInput } from '../../../../workflows/conversation/inputs.ts';
import type { ConversationState, Range } from '../../../../workflows/conversation/state.ts';

export interface WordBooks {
  rowCame(input: InboxInput): void;
  write(before: ConversationState, event: ConversationEvent): void;
  /** After each decision: no message is lost. */
  check(state: ConversationState): void;
}

export function createWordBooks(): WordBooks {
  /** Places of accepted messages that nobody was given yet, in order. */
  let open: number[] = [];
  const all: number[] = [];
  /** When each row was stored, where that is said. */
  const storedAt = new Map<number, number | undefined>();
  /** The last message that came before the form's question. */
  let beforeForm = 0;
  let formAt = 0;

  /** The bot gets what waits in order: the oldest of them, and nothing that somebody has got before. */
  const give = (range: Range): void => {
    const given = all.filter((place) => isIn(range, place));
    expect(given).not.toEqual([]);
    expect(open.slice(0, given.length)).toEqual(given);
    open = open.slice(given.length);
  };

  /** Whoever wrote it could not know of the question. */
  const precedesForm = (place: number): boolean => (storedAt.get(place) ?? formAt) < formAt;

  /** The form reads the first message after its question. */
  const read = (place: number): void => {
    expect(precedesForm(place)).toBe(false);
    expect(open.find((one) => one > beforeForm)).toBe(place);
    open = open.filter((one) => one !== place);
  };

  /** Somebody has yet to be given it: a bot (between two sessions the next one's), or else the form. */
  const isOwed = ({ session, phase }: ConversationState, place: number): boolean =>
    session?.botId !== null || (phase.name === 'prechat' && place > beforeForm);

  return {
    rowCame: ({ seq, at }) => void storedAt.set(seq, at),
    write(before, event) {
      switch (event.type) {
        case 'CustomerMessageAccepted':
          open.push(event.place);
          all.push(event.place);
          if (asksForm(before) && precedesForm(event.place)) beforeForm = event.place;
          return;
        case 'BotTurnOpened':
          if (event.messages) give(event.messages);
          return;
        case 'BotTurnWidened': {
          // No try has begun, so it is what all of them share.
          expect(before.turn).toMatchObject({ no: event.no, attempt: 1, deferredUntil: null });
          give({ from: (before.turn?.messages?.to ?? 0) + 1, to: event.to });
          return;
        }
        case 'PrechatStarted':
          beforeForm = open.at(-1) ?? 0;
          formAt = event.at;
          return;
        case 'MessageSetAside':
          expect(precedesForm(event.place)).toBe(true);
          return;
        case 'FormAnswered':
        case 'FormAnswerRefused':
        case 'FormCancelled':
          read(event.upTo);
          return;
        case 'SessionEnded':
          if (before.session?.botId === null) open = [];
          return;
        default:
          return;
      }
    },
    check(state) {
      const { phase } = state;
      // What was written before is in the conversation that the person reads.
      if (phase.name === 'queued' || phase.name === 'assigned') open = [];
      const waits = ranges(state);
      expect(open.filter((place) => isOwed(state, place) && !waits.some((range) => isIn(range, place)))).toEqual([]);
      open = open.filter((place) => waits.some((range) => isIn(range, place)));
      // Nor is anything given twice, or what was an answer to the form given to the bot.
      expect(waits.filter((range) => !open.some((place) => isIn(range, place)))).toEqual([]);
    },
  };
}

function asksForm({ phase }: ConversationState): boolean {
  return phase.name === 'prechat' && phase.by === 'form';
}

function ranges({ setAside, waiting }: ConversationState): Range[] {
  return waiting === null ? setAside : [...setAside, waiting];
}

function isIn({ from, to }: Range, place: number): boolean {
  return from <= place && place <= to;
}
