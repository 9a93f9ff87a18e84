/** The words of a notice, rendered once when it is queued, so that a later policy never changes what was said. */
import type { Notice } from '../workflows/conversation/state.ts';
import type { Content } from '../adapters/contract.ts';
import type { Pool } from '../store/connection.ts';
import { readBlockMessage, readNoticeTexts, type NoticeTexts } from '../store/notices.ts';
import type { NoticeWriter } from './recording/words.ts';

/** Used only where an account's policy has no text for a notice; saving one without is refused, so: never, or a bug. */
const plain: Record<Notice, string> = {
  assigned: 'You are being transferred to an agent',
  'all-offline': 'Nobody is here at the moment. We will answer as soon as we are back.',
  'all-busy': 'All agents are busy. You are in the queue.',
  'out-of-hours': 'We are closed at the moment.',
  'queue-wait': 'Thank you for waiting. You are still in the queue.',
  'idle-warning': 'Are you still there?',
  resolved: 'Resolved',
  blocked: 'You can no longer write to our agents.',
  'bot-failed': 'Sorry, something went wrong. Please try again.',
  'form-question': '',
  'form-retry': 'That is not a valid answer. Please try again.',
  'handover-failed': 'Sorry, we could not reach an agent.',
};

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
        return { text: (await readBlockMessage(pool, accountId, blockId)) ?? plain.blocked };
      }
      const { notices, form } = await textsOf(accountId, policyVersion);
      if (code === 'form-question') return questionOf(form, situation);
      return { text: notices[code] ?? plain[code] };
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
