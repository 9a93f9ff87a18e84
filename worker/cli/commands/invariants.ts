/** `baton invariants`: does what must always hold of an account hold now? Every check is named, and what breaks it. */
import { inSnapshot } from '../../../store/snapshot.ts';
import { invariants, readViolations, type Violation } from '../../../store/invariants.ts';
import { styled, type Io } from '../io.ts';
import { withSurroundings } from '../surroundings.ts';

/** True where all hold. */
export async function checkInvariants(io: Io, accountId: string, { json }: { json: boolean }): Promise<boolean> {
  const violations = await withSurroundings(io.env, ({ pool }) =>
    inSnapshot(pool, accountId, (tx) => readViolations(tx, accountId)),
  );
  const good = violations.length === 0;
  if (json) io.out(JSON.stringify({ accountId, good, checked: invariants, violations }, null, 2));
  else print(io, violations);
  return good;
}

function print(io: Io, violations: Violation[]): void {
  for (const invariant of invariants) {
    const broken = violations.find((one) => one.invariant === invariant);
    io.out(broken ? styled(io, 'red', `✗ ${invariant}: ${described(broken)}`) : `✓ ${invariant}`);
  }
  io.out(`${invariants.length - violations.length} of ${invariants.length} hold`);
}

const described = ({ count, ids }: Violation): string =>
  `${count} (${ids.join(', ')}${count > ids.length ? ', …' : ''})`;
