/** gRPC's codes, by which what Temporal says is told apart. */
import { isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
export const grpc = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** The gRPC code of an error of Temporal's client, which wraps some of them and not others; null: none. */
export function grpcCode(error: unknown): number | null {
  if (isGrpcServiceError(error)) return error.code;
  if (error instanceof WorkflowNotFoundError) return grpc.NOT_FOUND;
  return error instanceof Error && error.cause !== undefined ? grpcCode(error.cause) : null;
}
