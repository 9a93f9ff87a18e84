/** The columns that lists and partial updates use. The truth is in `migrations/`; this only names it for the compiler. */
import type { AgentRole } from './roles.ts';

export interface Tables {
  api_keys: ApiKeyTable;
  bots: PartyTable;
  desks: PartyTable;
  channels: PartyTable & {
    mode: 'engagement' | 'business';
    responsible: 'bot' | 'managers';
    bot_id: string | null;
    group_id: string | null;
  };
  groups: GroupTable;
  agents: AgentTable;
  agent_groups: { account_id: string; agent_id: string; group_id: string };
  agent_bots: { account_id: string; agent_id: string; bot_id: string };
  contacts: ContactTable;
  contact_identities: { account_id: string; channel_id: string; external_id: string; contact_id: string };
  contact_addresses: { account_id: string; contact_id: string; kind: 'phone' | 'email'; value: string };
  contact_notes: {
    account_id: string;
    id: string;
    contact_id: string;
    agent_id: string | null;
    text: string;
    created_at: Date;
  };
  tags: { account_id: string; id: string; name: string; deleted_at: Date | null };
  policies: { account_id: string; version: number; created_at: Date };
}

interface ApiKeyTable {
  account_id: string;
  id: string;
  name: string;
  scopes: string[];
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
}

interface PartyTable {
  account_id: string;
  id: string;
  name: string;
  type: string;
  /** jsonb; written as JSON text */
  settings: unknown;
  secrets: unknown;
  created_at: Date;
  disabled_at: Date | null;
}

interface GroupTable {
  account_id: string;
  id: string;
  name: string;
  skills: string[];
  hours: unknown;
  created_at: Date;
  deleted_at: Date | null;
}

interface AgentTable {
  account_id: string;
  id: string;
  name: string;
  email: string | null;
  role: AgentRole;
  status: 'online' | 'away' | 'offline';
  lease_until: Date | null;
  max_chats: number;
  active: number;
  token_epoch: number;
  created_at: Date;
  deleted_at: Date | null;
}

interface ContactTable {
  account_id: string;
  id: string;
  name: string | null;
  attributes: unknown;
  tags: string[];
  block_id: string | null;
  blocked_until: Date | null;
  created_at: Date;
  erased_at: Date | null;
}
