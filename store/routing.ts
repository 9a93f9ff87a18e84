/**
 * Where a request for a person goes, from two facts that are independent of each other: the routing keyword (skill) and
 * the webstore. Pure; what is read and written for it stands in `handovers`.
 */
import type { Routing } from './policies.ts';
import type { Situation, Target } from '../workflows/conversation/state.ts';
import { isOpen, type Hours } from './hours.ts';

export interface RequestFacts {
  groupId: string | null;
  deskId: string | null;
  skill: string | null;
  webstore: string | null;
  /** Of the page that the visitor wrote from. */
  pageUrl: string | null;
  /** The group of the channel. */
  channelGroupId: string | null;
}

/** The request's own webstore; if absent or empty, the first in the account's table that fits the visitor's page. */
export function webstoreOf({ webstore, pageUrl }: RequestFacts, routing: Partial<Routing>): string | null {
  const named = webstore?.trim();
  if (named) return named;
  const place = pageUrl === null ? null : hostAndPath(pageUrl);
  if (place === null) return null;
  return routing.webstores?.find(({ pattern }) => fits(pattern, place))?.webstore ?? null;
}

/** Best first; the first that exists is taken. An explicit group wins, then an explicit desk, then rules and defaults. */
export function targetsOf(facts: RequestFacts, webstore: string | null, routing: Partial<Routing>): Target[] {
  const rule = (routing.rules ?? []).filter((one) => says(one.skill, facts.skill) && says(one.webstore, webstore));
  return [
    facts.groupId === null ? null : ({ kind: 'group', groupId: facts.groupId } as const),
    facts.deskId === null ? null : ({ kind: 'desk', deskId: facts.deskId } as const),
    ...rule.map(({ target }) => target),
    facts.channelGroupId === null ? null : ({ kind: 'group', groupId: facts.channelGroupId } as const),
    routing.default ?? null,
  ].filter((target) => target !== null);
}

function says(wanted: string | undefined, fact: string | null): boolean {
  return wanted === undefined || wanted.trim().toLowerCase() === fact?.trim().toLowerCase();
}

/** Agents of a group who serve the conversation's bot. */
export interface Availability {
  hours: Hours | null;
  online: number;
  /** Online and below their limit. */
  free: number;
}

/** What the customer is told of the group; null: somebody is there. */
export function situationOf({ hours, online, free }: Availability, at: number): Exclude<Situation, 'assigned'> | null {
  if (!isOpen(hours, at)) return 'out-of-hours';
  if (online === 0) return 'all-offline';
  return free === 0 ? 'all-busy' : null;
}

/** Lower-case, without scheme, port, query and fragment: that is all a pattern is matched against. */
function hostAndPath(url: string): Place | null {
  if (!URL.canParse(url)) return null;
  const { hostname, pathname } = new URL(url);
  return { host: hostname.toLowerCase(), path: pathname.toLowerCase() };
}

interface Place {
  host: string;
  path: string;
}

/** `shop.example`: the whole host. `shop.example/de/`: all below. `*` stands for any characters of host or path. */
function fits(pattern: string, place: Place): boolean {
  const [, host = '', path = '/'] = /^(?:https?:\/\/)?([^/]*)(\/.*)?$/.exec(pattern.trim().toLowerCase()) ?? [];
  if (host === '') return false;
  return matches(host, place.host) && matches(path.endsWith('/') ? `${path}*` : path, place.path);
}

/**
 * Not by a regular expression: whoever saves one could stop the worker with it. Every piece between stars is looked for
 * where the one before it ended, so nothing is tried twice.
 */
function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, from);
    if (found < 0) return false;
    from = found + piece.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}
