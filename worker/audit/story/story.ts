/** A conversation as a person reads it: one line per event, with who, what, why, and who held the baton after it. */
import type { PhaseName } from '../../../workflows/conversation/state.ts';
import type { FoldedEvent } from '../fold.ts';
import type { StoredConversation } from '../stored.ts';
import { addresseesOf } from './addressees.ts';
import { sentenceOf } from './sentences.ts';
import { createTeller } from './teller.ts';
import { causeOf, whoOf, type Who } from './who.ts';

export interface StoryLine {
  no: number;
  type: string;
  /** ISO. */
  at: string;
  who: Who & { name: string | null };
  what: string;
  why: { cause: string; policy: number };
  /** After it; null: the events up to here can't be folded. */
  after: { state: PhaseName; holder: string; epoch: number } | null;
}

export function tellStory(stored: StoredConversation, folded: FoldedEvent[]): StoryLine[] {
  const tell = createTeller(stored);
  const inputs = new Map(stored.inputs.map((input) => [input.seq, input]));
  const addressees = addresseesOf(folded.flatMap(({ data }) => (data === null ? [] : [data.event])));
  const nameOf = (who: Who): string | null => {
    if (who.kind === 'customer') return stored.card.contactName;
    if (who.kind === 'channel') return stored.card.channelName;
    return who.id === null ? null : tell.name(who.id);
  };
  return folded.map((one) => {
    const { no, type, at } = one.stored;
    const line = { no, type, at: new Date(at).toISOString() };
    if (one.data === null) {
      const nobody = { kind: 'engine', id: null, name: null } as const;
      return { ...line, who: nobody, what: 'unreadable', why: { cause: '?', policy: 0 }, after: null };
    }
    const { event, cause, policy } = one.data;
    const who = whoOf(cause, inputs, addressees);
    return {
      ...line,
      who: { ...who, name: nameOf(who) },
      what: sentenceOf(event, tell, who),
      why: { cause: causeOf(cause, inputs), policy },
      after: one.after && {
        state: one.after.phase.name,
        holder: tell.holder(one.after.baton.holder),
        epoch: one.after.baton.epoch,
      },
    };
  });
}
