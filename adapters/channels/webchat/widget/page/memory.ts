import type { Appearance } from '../../settings.ts';

/** What the visitor's browser keeps of the chat from page to page, until somebody else signs in to the site. */
export interface Memory {
  who: string | null;
  /** Of the session; null: none yet. */
  token: string | null;
  /** Not yet taken by the server, in order. */
  unsent: Unsent[];
  /** Last place of the stream that the visitor has seen. */
  seen: number;
  appearance?: Appearance;
}

export interface Unsent {
  clientMessageId: string;
  text: string;
  payload?: string;
}

export interface Kept {
  state: Memory;
  keep(): void;
}

/** `visitor`: the site's JWT, if it says who this is. */
export function recall(key: string, visitor: string | undefined): Kept {
  const who = visitor === undefined ? null : subjectOf(visitor);
  const state: Memory = { who, token: null, unsent: [], seen: 0, ...stored(key, who) };
  return {
    state,
    keep() {
      try {
        localStorage.setItem(key, JSON.stringify(state));
      } catch {
        // A page without storage has a chat for as long as it is open.
      }
    },
  };
}

function stored(key: string, who: string | null): Memory | null {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as Memory | null;
    // Somebody else has signed in to the site, or nobody any more: that chat is not theirs to see.
    return kept?.who === who ? kept : null;
  } catch {
    return null;
  }
}

function subjectOf(jwt: string): string {
  try {
    const claims = atob((jwt.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'));
    return (JSON.parse(claims) as { sub: string }).sub;
  } catch {
    return jwt;
  }
}
