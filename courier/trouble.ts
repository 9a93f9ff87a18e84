/** Why Temporal gives no answer, as far as its operators can do something about it. */
import { NamespaceNotFoundError } from '@temporalio/common';
import { grpc, grpcCode } from './grpc.ts';

export type TemporalTrouble = 'away' | 'refused' | 'no-namespace';

/** null: none of these; so it is a mistake of ours. */
export function temporalTrouble(error: unknown): TemporalTrouble | null {
  if (error instanceof NamespaceNotFoundError) return 'no-namespace';
  switch (grpcCode(error)) {
    case grpc.UNAVAILABLE:
    case grpc.DEADLINE_EXCEEDED:
      return 'away';
    case grpc.PERMISSION_DENIED:
    case grpc.UNAUTHENTICATED:
      return 'refused';
    default:
      return null;
  }
}
