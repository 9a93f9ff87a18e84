import type { By } from './inputs.ts';
import type { Owner } from './state.ts';

/** May this party act on a conversation that somebody owns? Roles are the API's; here stands whose chat it is. */
export function mayAct(owner: Owner, by: By): boolean {
  if (by.kind === 'agent') return owner.kind === 'agent' && owner.agentId === by.agentId;
  return by.kind !== 'bot';
}

export function byId(by: By): string | null {
  switch (by.kind) {
    case 'agent':
    case 'supervisor':
      return by.agentId;
    case 'api':
      return by.keyId;
    case 'bot':
      return by.botId;
    case 'engine':
      return null;
  }
}
