import { walkEdges, type Edge } from '../scenes/walk.ts';

/**
 * The README's diagram: what moves a conversation, found by walking `decide`, in a newcomer's words. An input that has
 * no words here stops the generator, so none can be left out.
 */
export function stateDiagram(): string {
  const name = (place: Edge['from']) => (place === '(start)' ? '[*]' : place);
  const edges = walkEdges().map((edge) => `    ${name(edge.from)} --> ${edge.to}: ${labelOf(edge)}`);
  return ['```mermaid', 'stateDiagram-v2', ...edges, '```'].join('\n');
}

function labelOf({ from, to, when }: Edge): string {
  const said = when.map((input) => {
    const text = wordsBetween[`${from} ${to} ${input}`] ?? words[input];
    if (text === undefined) throw new Error(`dev/docs/state-diagram.ts has no words for ${input} (${from} → ${to})`);
    return text;
  });
  return [...new Set(said)].join(', ');
}

const words: Record<string, string> = {
  AcceptOffer: 'an agent accepts the offer',
  AgentClaimed: 'it is given to an agent',
  AgentLeft: 'the agent goes offline',
  Assign: 'a supervisor assigns',
  AvailabilityChanged: 'everybody is offline',
  'AskBot (work)': 'the bot answers',
  Block: 'block',
  BotAnswered: 'the bot answers',
  'CheckAnswer (work)': 'the form is cancelled or fails',
  'CheckPresence (work)': 'presence is checked',
  ContactBlocked: 'block',
  ContactUnblocked: 'unblock',
  CustomerCancelled: 'the customer cancels',
  CustomerWrote: 'the customer writes',
  DeskAccepted: 'the desk accepts',
  DeskClosed: 'the desk closes',
  DeskRefused: 'the desk refuses',
  DeskTook: 'a desk takes it',
  Forward: 'forward',
  HandBack: 'hand back',
  Join: 'an agent joins',
  'OpenAtDesk (work)': 'the desk can’t be asked',
  Reopen: 'reopen',
  RequestHandover: 'a person is asked for',
  Resolve: 'resolve',
  'RouteHandover (work)': 'intake is done',
  'SendToDesk (work)': 'the desk fails',
  Unassign: 'unassign',
  Unblock: 'unblock',
  'block-expiry (timer)': 'the block expires',
  'bot-turn (timer)': 'the bot is too late',
  'desk-lost (timer)': 'the desk is lost',
  'first-reply (timer)': 'no reply in time',
  'idle-close (timer)': 'the customer is silent',
  'prechat-abandoned (timer)': 'intake is abandoned',
  'queue-wait (timer)': 'the wait is over',
  'session (timer)': 'the session ends',
};

/** The same input means another thing there. */
const wordsBetween: Record<string, string> = {
  'assigned bot AgentLeft': 'everybody is offline',
  'assigned bot Unassign': 'everybody is offline',
  'assigned bot first-reply (timer)': 'everybody is offline',
  'bot prechat AskBot (work)': 'the bot asks for a person',
  'bot prechat BotAnswered': 'the bot asks for a person',
  'bot prechat bot-turn (timer)': 'presence is checked',
  'bot queued RouteHandover (work)': 'the same, without intake',
  'prechat bot AskBot (work)': 'intake is cancelled or fails',
  'prechat bot BotAnswered': 'intake is cancelled or fails',
  'prechat bot CheckAnswer (work)': 'intake is cancelled or fails',
  'prechat bot RouteHandover (work)': 'intake is cancelled or fails',
  'prechat bot bot-turn (timer)': 'intake is cancelled or fails',
};
