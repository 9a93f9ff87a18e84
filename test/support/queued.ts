/** A simulated customer who asks for a person. The account has no intake. */
import { v7 as uuid } from 'uuid';
import type { Command } from '../../workflows/conversation/inputs.ts';
import { required } from './required.ts';
import { simulate, type SimulatedAccount, type Simulation, type SimulationOptions } from './simulation.ts';

/** Written and not handed over; the bot will hand over. */
export async function askingForAPerson(account: SimulatedAccount, options?: SimulationOptions): Promise<Simulation> {
  const simulation = await simulate(account, options);
  simulation.answerBot = () => ({ messages: [], handover: { priority: 0 }, intake: null });
  await simulation.write('a person, please');
  return simulation;
}

export async function queued(account: SimulatedAccount): Promise<Simulation> {
  const simulation = await askingForAPerson(account);
  await simulation.finish();
  if (simulation.actor.state.phase.name !== 'queued') throw new Error('The account has an intake');
  return simulation;
}

/** Everything up to the answer of the work of this kind, which lies in hand. */
export async function advanceTo(simulation: Simulation, kind: string): Promise<void> {
  await simulation.hand(1);
  await simulation.settle();
  for (;;) {
    const next = required(simulation.out.shift());
    await next.finish();
    await new Promise((resolve) => setImmediate(resolve));
    if (next.work.kind === kind) return;
    await simulation.settle();
  }
}

/** A supervisor's, for the first agent unless it names another. */
export function bySupervisor({ account }: Simulation, type: Command['type'], more: object = {}): Command {
  const agentId = required(account.agentIds[0]);
  return { type, key: uuid(), by: { kind: 'supervisor', agentId }, agentId, ...more } as Command;
}
