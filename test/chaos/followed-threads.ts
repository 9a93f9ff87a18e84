/** The conversations of threads, as a backend learns of them: from the list. Customers are named after their thread. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../../dev/api-client.ts';

interface Page {
  items: { id: string; contact: { name: string | null } }[];
  next: string | null;
}

/** By thread. */
export async function listThreads(api: ApiClient): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let cursor: string | null = null;
  do {
    const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page = await api.get<Page>(`/v1/conversations?limit=100${after}`);
    for (const { id, contact } of page.items) if (contact.name !== null) found.set(contact.name, id);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

/** One reading of the list for all who wait for a thread of theirs. */
export function followThreads(api: ApiClient): { idOf(thread: string): Promise<string> } {
  let known = new Map<string, string>();
  let reading: Promise<void> | null = null;
  const read = async (): Promise<void> => {
    await pause(200);
    known = await listThreads(api).catch(() => known);
    reading = null;
  };
  return {
    async idOf(thread) {
      for (;;) {
        const id = known.get(thread);
        if (id !== undefined) return id;
        await (reading ??= read());
      }
    },
  };
}
