/** What the record transaction may answer instead of committing. It goes back into `decide` as a fact. */
export type Refusal =
  | 'inbox-waiting'
  | 'agent-at-limit'
  | 'agent-offline'
  | 'agent-not-in-group'
  | 'agent-not-for-this-bot'
  | 'agent-unknown'
  | 'group-unknown'
  | 'taken'
  | 'blocked'
  | 'claim-gone'
  | 'draft-unknown';
