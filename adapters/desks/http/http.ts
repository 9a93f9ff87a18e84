import type { DeskAdapter } from '../../contract/desk.ts';
import { verifySignature } from '../../signatures.ts';
import { open, post, presence, tell } from './calls.ts';
import { body, parse } from './parse.ts';
import { httpDeskSettings } from './settings.ts';

/** Any outside system in which people answer: Standard Webhooks both ways. */
export const http: DeskAdapter = {
  type: 'http',
  settings: httpDeskSettings,
  presence,
  open,
  post,
  tell,
  body,
  verify: (request, connection) => verifySignature(request, connection.secrets),
  parse,
};
