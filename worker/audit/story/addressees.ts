/** Whom work was for: what an activity brings back is the doing of the bot or the desk that it asked. */
import type { ConversationEvent } from '../../../workflows/conversation/events.ts';

/** Ids of bots and desks, by the beginning of the work's id (`AskBot:3`), which all its attempts share. */
export type Addressees = ReadonlyMap<string, string>;

export function addresseesOf(events: ConversationEvent[]): Addressees {
  return new Map(events.flatMap((event) => addressee(event) ?? []));
}

/** `workId`: of one attempt (`AskBot:3:1`). */
export function addresseeOf(addressees: Addressees, workId: string): string | null {
  return addressees.get(workId.split(':', 2).join(':')) ?? null;
}

function addressee(event: ConversationEvent): [string, string][] | null {
  switch (event.type) {
    case 'BotTurnOpened':
      return [[`AskBot:${event.no}`, event.botId]];
    case 'ConversationQueued':
      return event.target.kind === 'desk' ? [[`OpenAtDesk:${event.entry}`, event.target.deskId]] : null;
    case 'MessageQueued':
      return event.to.kind === 'desk' ? [[`SendToDesk:${event.seq}`, event.to.deskId]] : null;
    case 'DeskNoticeQueued':
      return [[`TellDesk:${event.no}`, event.deskId]];
    default:
      return null;
  }
}
