/** Whose word there is that the rows are what was recorded: what stands beside them could have been changed together with them. */
import type { Voucher } from '../../audit/chain.ts';
import type { Evidence } from '../../audit/evidence.ts';
import type { Verification } from '../../audit/verify.ts';

export function anchorsOf({ source, runs }: Evidence, verification: Verification): string[] {
  const histories = runs.filter(({ history }) => history !== null).length;
  return [
    ofHistories(verification, histories, source),
    ...ofCheckpoints(verification, source),
    ...ofFiles(verification),
  ];
}

type Vouched = Verification['chain']['vouched'][number];

const vouchedBy = ({ chain }: Verification, by: Voucher): Vouched | undefined =>
  chain.vouched.find((one) => one.by === by);

function ofHistories(verification: Verification, histories: number, source: Evidence['source']): string {
  const temporal = vouchedBy(verification, 'Temporal');
  const beside = vouchedBy(verification, 'beside');
  const count = (temporal?.heads ?? 0) + (beside?.heads ?? 0);
  if (count === 0) return 'no history is at hand that holds a head of the chain';
  const heads = `${count} heads in the histories of ${histories} runs`;
  const whichStand =
    source === 'file' ? 'which stand in the same file' : 'exported ones, which stand in the same database';
  if (!temporal) return `${heads}: ${whichStand}, up to ${beside?.upTo}`;
  if (!beside || beside.upTo <= temporal.upTo) {
    return `${heads}; Temporal itself vouches for every event up to ${temporal.upTo}`;
  }
  return `${heads}: Temporal itself up to event ${temporal.upTo}, ${whichStand}, up to ${beside.upTo}`;
}

function ofCheckpoints(verification: Verification, source: Evidence['source']): string[] {
  const { hours, unknownKeys, newest } = verification.checkpoints;
  const until = newest === null ? '' : `; the account's newest is that of ${newest}`;
  if (hours.length === 0) {
    if (source === 'file') return ['no signed checkpoint in the file holds a head of it'];
    return [
      newest === null ? 'the account has no signed checkpoints' : `no signed checkpoint holds a head of it${until}`,
    ];
  }
  if (unknownKeys.length > 0) {
    const keys = unknownKeys.join(', ');
    return [
      `checkpoints of ${hours.length} hours, signed with ${keys}: without BATON_CHECKPOINT_PUBLIC_KEYS nobody can say by whom${until}`,
    ];
  }
  const signed = vouchedBy(verification, 'checkpoint');
  return [`signed checkpoints of ${hours.length} hours vouch for every event up to ${signed?.upTo ?? 0}${until}`];
}

function ofFiles(verification: Verification): string[] {
  const files = vouchedBy(verification, 'file');
  return files ? [`the files that you have kept vouch for every event up to ${files.upTo}`] : [];
}
