import type { Connection, RawRequest, Verified } from '../../contract/call.ts';
import { verifySignature } from '../../signatures.ts';

/** Standard Webhooks under any secret of the connection. */
export function verify(request: RawRequest, connection: Connection): Verified {
  return verifySignature(request, connection.secrets);
}
