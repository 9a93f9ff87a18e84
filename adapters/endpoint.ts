import { z } from 'zod';

/** Where a customer's own system listens. Without credentials in it: addresses end up in lists and logs. */
export const endpoint = z
  .string()
  .max(2048)
  .refine((text) => {
    // The parser would leave some of them out and encode others: what is called would not be what is shown.
    if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return false;
    const { protocol, username, password, hash } = new URL(text);
    return ['http:', 'https:'].includes(protocol) && username === '' && password === '' && hash === '';
  }, 'An http(s) address without blanks, credentials or fragment');
