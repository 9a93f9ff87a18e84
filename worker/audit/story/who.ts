/** Who caused an event, and by what. */
import type { ReceivedInput } from '../../../store/audit.ts';
import type { By } from '../../../workflows/conversation/inputs.ts';
import type { EventData } from '../event-data.ts';
import { addresseeOf, type Addressees } from './addressees.ts';

export interface Who {
  kind: 'customer' | 'agent' | 'supervisor' | 'api' | 'bot' | 'desk' | 'channel' | 'routing' | 'engine';
  id: string | null;
}

type Cause = EventData['cause'];

export function whoOf(cause: Cause, inputs: Map<number, ReceivedInput>, addressees: Addressees): Who {
  switch (cause.kind) {
    case 'command':
      return whoAsked(cause.by);
    case 'inbox':
      return whoSent(inputs.get(cause.seq), addressees);
    case 'work':
      return whoWorked(cause.id, addressees);
    case 'deadline':
      return { kind: 'engine', id: null };
  }
}

/** In words: the input, with its place or key, that a reader can look up. */
export function causeOf(cause: Cause, inputs: Map<number, ReceivedInput>): string {
  switch (cause.kind) {
    case 'command':
      return `command ${cause.name}`;
    case 'inbox':
      return `${inputs.get(cause.seq)?.type ?? 'input'}, inbox place ${cause.seq}`;
    case 'work':
      return `result of ${cause.id}`;
    case 'deadline':
      return `deadline ${cause.deadline}`;
  }
}

function whoAsked(by: By): Who {
  switch (by.kind) {
    case 'agent':
    case 'supervisor':
      return { kind: by.kind, id: by.agentId };
    case 'api':
      return { kind: 'api', id: by.keyId };
    case 'bot':
      return { kind: 'bot', id: by.botId };
    case 'engine':
      return { kind: 'engine', id: null };
  }
}

function whoSent(input: ReceivedInput | undefined, addressees: Addressees): Who {
  const id = (key: string): string | null => {
    const value = input?.payload[key];
    return typeof value === 'string' ? value : null;
  };
  const type = input?.type ?? '';
  if (type.startsWith('Customer')) return { kind: 'customer', id: null };
  if (type.startsWith('Desk')) return { kind: 'desk', id: id('personId') ?? id('deskId') };
  if (type === 'BotAnswered')
    return { kind: 'bot', id: addressees.get(`AskBot:${String(input?.payload['turn'])}`) ?? null };
  if (type === 'AgentClaimed') return { kind: 'routing', id: null };
  if (type === 'AgentLeft') return { kind: 'agent', id: id('agentId') };
  if (type === 'ReceiptCame') return { kind: 'channel', id: null };
  return { kind: 'engine', id: null };
}

/** Ids of work begin with its kind. */
function whoWorked(workId: string, addressees: Addressees): Who {
  const id = addresseeOf(addressees, workId);
  if (workId.startsWith('AskBot:')) return { kind: 'bot', id };
  if (workId.startsWith('SendMessage:')) return { kind: 'channel', id: null };
  if (/^(OpenAtDesk|SendToDesk|TellDesk):/.test(workId)) return { kind: 'desk', id };
  return { kind: 'engine', id: null };
}
