/** What a command came to, as the API shows it. */
import { z } from 'zod';
import type { Outcome } from '../../workflows/conversation/messages.ts';

export const outcomeSchema = z
  .object({
    ok: z.literal(true),
    key: z.string().describe('The same request with this key gets this answer again.'),
    version: z.number().int().describe('Of the record that made it true.'),
    state: z.enum(['bot', 'prechat', 'queued', 'assigned', 'resolved', 'blocked']),
    holder: z.object({ kind: z.string(), id: z.string().nullable() }).describe('Who may speak to the customer now.'),
    epoch: z.number().int(),
    handover: z.number().int().nullable(),
    outbound: z.array(z.number().int()).describe('Numbers of the messages that it sends.'),
    events: z.array(z.string()).describe('What it led to; empty: accepted, and nothing happens.'),
  })
  .meta({ id: 'Outcome' });

export function showOutcome(key: string, outcome: Extract<Outcome, { ok: true }>): z.output<typeof outcomeSchema> {
  const { ok, version, phase, holder, epoch, handover, outbound, events } = outcome;
  return { ok, key, version, state: phase, holder, epoch, handover, outbound, events };
}
