/** What went wrong with a call, as class and code: no text of a server goes into a log. */
import { isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
export const grpc = {
  CANCELLED: 1,
  UNKNOWN: 2,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const;

/** The gRPC code of an error of Temporal's client, which wraps some of them and not others; null: none. */
export function grpcCode(error: unknown): number | null {
  if (isGrpcServiceError(error)) return error.code;
  if (error instanceof WorkflowNotFoundError) return grpc.NOT_FOUND;
  return error instanceof Error && error.cause !== undefined ? grpcCode(error.cause) : null;
}

export interface Failure {
  class: string;
  /** gRPC's number, or Postgres' or Node's code. */
  code?: number | string;
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { class: typeof error };
  const code = grpcCode(error) ?? ('code' in error ? error.code : undefined);
  return { class: error.name, ...((typeof code === 'number' || typeof code === 'string') && { code }) };
}
