import type { Input } from '../inputs.ts';
import type { In } from '../state.ts';
import { block } from './rules/block.ts';
import { customerWrote } from './rules/customer.ts';
import { deskTook } from './rules/desk.ts';
import { otherwise } from './rules/otherwise.ts';
import { ignored, type Outcome } from './rules/plan.ts';
import { reopenByAgent } from './rules/reopen.ts';
import { requestHandover } from './rules/request.ts';

/**
 * The hand-over is over. While the session lasts the conversation can be reopened, by the customer's next message or by
 * an agent; after it the next message begins anew. To resolve it again is accepted, and nothing happens (S4-5).
 */
export function resolved(state: In<'resolved'>, input: Input, now: number): Outcome {
  switch (input.type) {
    case 'CustomerWrote':
      return customerWrote(state, input, now);
    case 'Resolve':
      return ignored('already-resolved');
    case 'Reopen':
      return reopenByAgent(state, input, now);
    case 'RequestHandover':
      return requestHandover(state, input, now);
    case 'DeskTook':
      return deskTook(state, input, now);
    case 'Block':
    case 'ContactBlocked':
      return block(state, input, now);
    default:
      return otherwise(state, input, now);
  }
}
