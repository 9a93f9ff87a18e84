/** The words of a notice, rendered once when it is queued, so that a later policy never changes what was said. */
import type { Content } from '../adapters/contract/content.ts';
import type { Pool } from '../store/connection.ts';
import { readBlockMessage, readNoticeTexts, usualNotices, type NoticeTexts } from '../store/notices.ts';
import type { NoticeWriter } from './recording/words.ts';

/** Versions are immutable, so what was read stays true; the newest few are enough. */
const versionsKept = 200;

export function createNoticeWriter(pool: Pool): NoticeWriter {
  const versions = new Map<string, NoticeTexts>();

  const textsOf = async (accountId: string, version: number): Promise<NoticeTexts> => {
    const key = `${accountId}:${version}`;
    const known = versions.get(key);
    if (known) return known;
    const texts = (await readNoticeTexts(pool, accountId, version)) ?? { notices: {}, form: [] };
    if (versions.size >= versionsKept) versions.delete(versions.keys().next().value ?? '');
    versions.set(key, texts);
    return texts;
  };

  return {
    async contentOf({ accountId }, { code, situation, policyVersion, blockId }): Promise<Content> {
      if (code === 'blocked' && blockId !== null) {
        return { text: (await readBlockMessage(pool, accountId, blockId)) ?? usualNotices.blocked };
      }
      const { notices, form } = await textsOf(accountId, policyVersion);
      if (code === 'form-question') return questionOf(form, situation);
      // Saving a policy that lacks a text is refused, so it lacks none, but for a bug.
      return { text: notices[code] ?? usualNotices[code] };
    },
  };
}

/** `situation` is `field:<n>`. */
function questionOf(form: NoticeTexts['form'], situation: string): Content {
  const field = form[Number(situation.slice('field:'.length))];
  if (!field) throw new Error('form-field-unknown');
  const { question, options } = field;
  if (!options || options.length === 0) return { text: question };
  return { text: question, buttons: options.map((option) => ({ title: option, payload: option })) };
}
