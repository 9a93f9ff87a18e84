/** Books kept beside the conversation: what was given to it, and what must have come of all of it. */
import { expect } from 'vitest';
import type { ConversationEvent } from '../../../../workflows/conversation/events.ts';
import type { InboxInput } from '../../../../workflows/conversation/inputs.ts';
import type { ConversationState, Range } from '../../../../workflows/conversation/state.ts';
import { createWordBooks } from './word-books.ts';

export interface Books {
  rowCame(input: InboxInput): void;
  write(before: ConversationState, event: ConversationEvent): void;
  check(state: ConversationState): void;
  /** The place of the customer's first message in the range, as the form reads it. */
  firstMessage(range: Range): number;
  /** At the end: nothing that came was lost. */
  close(): void;
}

export function createBooks(): Books {
  const customers: number[] = [];
  const accepted: number[] = [];
  const words = createWordBooks();
  const claims: string[] = [];
  const settledClaims: string[] = [];
  const toDesk: string[] = [];
  let place: string | null = null;
  let assignments = 0;
  let told = 0;
  const toldOf: string[] = [];

  const settle = (claimId: string): void => {
    expect(settledClaims).not.toContain(claimId);
    settledClaims.push(claimId);
  };

  const write = (before: ConversationState, event: ConversationEvent): void => {
    words.write(before, event);
    switch (event.type) {
      case 'CustomerMessageAccepted':
        accepted.push(event.place);
        return;
      case 'BotTurnOpened':
        expect(before.turn).toBeNull();
        return;
      case 'ConversationAssigned':
        // Two agents never hold one conversation: the place of the one before has been given back first.
        expect(place).toBeNull();
        place = event.owner.kind === 'agent' ? event.owner.agentId : null;
        assignments += 1;
        if (event.claimId !== null) settle(event.claimId);
        return;
      case 'OwnerReleased':
        if (event.owner.kind === 'agent') {
          expect(place).toBe(event.owner.agentId);
          place = null;
        }
        return;
      case 'CustomerTold': {
        // How a queue stands is said once in a hand-over.
        const what = `${event.no} ${event.situation}`;
        if (event.situation !== 'assigned') expect(toldOf).not.toContain(what);
        toldOf.push(what);
        return;
      }
      case 'OfferEnded':
      case 'ClaimDeclined':
        settle(event.claimId);
        return;
      case 'MessageQueued':
        if (event.what.kind === 'notice' && event.what.notice === 'assigned') told += 1;
        if (event.author === 'customer' && event.what.kind === 'message') toDesk.push(event.what.messageId);
        return;
      default:
        return;
    }
  };

  return {
    rowCame(input) {
      if (input.type === 'CustomerWrote') customers.push(input.seq);
      words.rowCame(input);
      if (input.type === 'AgentClaimed') claims.push(input.claimId);
    },
    write,
    check(state) {
      const { phase, transfers, policy } = state;
      words.check(state);
      expect(place).toBe(phase.name === 'assigned' && phase.owner.kind === 'agent' ? phase.owner.agentId : null);
      expect(accepted.join()).toBe(customers.join());
      // The customer is told once for each assignment (S4-4).
      expect(told).toBe(assignments);
      const out = phase.name === 'queued' && phase.offer ? [phase.offer.claimId] : [];
      // Every claim was confirmed or declined, or is the offer that is out: no place is held by nobody.
      expect([...settledClaims, ...out].toSorted().join()).toBe(claims.toSorted().join());
      expect(transfers).toBeLessThanOrEqual(Math.max(policy.maxTransfers, 10));
    },
    firstMessage: ({ from, to }) => customers.find((place) => place >= from && place <= to) ?? to,
    close() {
      const order = toDesk.map((messageId) => Number(messageId.split('-')[1]));
      expect(order).toEqual(order.toSorted((one, other) => one - other));
    },
  };
}
