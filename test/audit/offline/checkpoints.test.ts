/** What a checkpoint proves, and what shows that one is missing or forged. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CheckpointRow } from '../../../store/checkpoints.ts';
import { judgeCheckpoints, type CheckpointsReport } from '../../../worker/audit/checkpoints/covering.ts';
import { checkpointFormat, hashOf, textOf } from '../../../worker/audit/checkpoints/document.ts';
import { readPublicKeys, readSigner, type Signer } from '../../../worker/audit/checkpoints/keys.ts';
import { leafOf, rootFrom, treeOf } from '../../../worker/audit/checkpoints/merkle.ts';
import { keyPair, madeUpFile } from './made-up.ts';
import { required } from '../../support/required.ts';

const keys = keyPair();
const file = madeUpFile(keys.signer, [3, 7]);
const id = { accountId: file.accountId, conversationId: file.conversationId };

describe('many heads under one root', () => {
  const leavesOf = (count: number) =>
    Array.from({ length: count }, (_, no) => leafOf({ conversationId: `${no}`, eventNo: no, head: hashOf(`${no}`) }));

  test('each is shown to be in it, at its place and at no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), (count, one, other) => {
        const [place, elsewhere] = [one % count, other % count];
        const leaves = leavesOf(count);
        const { root, proofOf } = treeOf(leaves);
        const [leaf, proof] = [required(leaves[place]), proofOf(place)];
        expect(rootFrom(leaf, { place, leaves: count }, proof)).toBe(root);
        const atOther = rootFrom(leaf, { place: elsewhere, leaves: count }, proof);
        expect(atOther === root).toBe(elsewhere === place);
        expect(rootFrom(leaf, { place, leaves: count }, [...proof, root])).toBeNull();
        expect(rootFrom(leaf, { place, leaves: count }, proof.slice(1)) === root).toBe(proof.length === 0);
        expect(rootFrom(leaf, { place: count, leaves: count }, proof)).toBeNull();
      }),
    );
  });

  test('the tree is that of RFC 9162: of five, the last stands beside all others', () => {
    const [a = '', b = '', c = '', d = '', e = ''] = leavesOf(5);
    const pair = (left: string, right: string): string => treeOf([left, right]).root;
    expect(treeOf([a, b, c, d, e]).root).toBe(pair(pair(pair(a, b), pair(c, d)), e));
  });
});

describe('keys', () => {
  test('are taken as PEM or as its base64 alone, several at once', () => {
    const other = keyPair();
    const bare = (pem: string): string => pem.replace(/-----[A-Z ]+-----|\s/g, '');
    const ids = [keys.signer.keyId, other.signer.keyId];
    expect([...readPublicKeys(`${keys.publicText}\n${other.publicText}`).keys()]).toEqual(ids);
    expect([...readPublicKeys(`${bare(keys.publicText)}, ${bare(other.publicText)}`).keys()]).toEqual(ids);
    expect(readSigner(bare(keys.privateText)).keyId).toBe(keys.signer.keyId);
  });

  test.each(['', 'nothing', keys.publicText])('what is no private key is refused', (text) => {
    expect(() => readSigner(text)).toThrow(/./);
  });
});

describe('a checkpoint', () => {
  const judge = (covering = file.checkpoints, publicKeys = keys.publicKeys): CheckpointsReport =>
    judgeCheckpoints(id, { covering, following: null }, publicKeys);
  const [one, two] = file.checkpoints as [CheckpointCovering, CheckpointCovering];
  type CheckpointCovering = (typeof file.checkpoints)[number];

  test('vouches for the head in it', () => {
    const { heads, problems } = judge();
    expect(heads).toMatchObject([
      { eventNo: 3, by: 'checkpoint', where: 'the checkpoint of 2026-01-01T01:00:00.000Z' },
      { eventNo: 7, by: 'checkpoint' },
    ]);
    expect(problems).toEqual([]);
  });

  test.each<[string, CheckpointCovering, string]>([
    ['another head', { ...one, head: two.head }, 'does not hold the head of event 3'],
    ['another place', { ...one, place: 1 }, 'does not hold the head of event 3'],
    ['another document', { ...one, document: one.document.replace('"events":3', '"events":4') }, 'signature'],
    ['another signature', { ...one, signature: two.signature }, 'the signature of the checkpoint of 2026-01-01T01'],
    ['no document', { ...one, document: '{}' }, 'can not be read'],
    [
      'another account’s',
      { ...one, document: one.document.replace(id.accountId, id.conversationId) },
      'another account',
    ],
  ])('with %s vouches for nothing, and it is said', (_what, changed, says) => {
    const { heads, problems } = judge([changed]);
    expect(heads).toEqual([]);
    expect(problems.map((problem) => problem.says).join()).toContain(says);
  });

  test('signed with a key of somebody else’s is told apart', () => {
    const forged = madeUpFile(keyPair().signer, [3]).checkpoints;
    expect(judge(forged).problems[0]?.says).toMatch(/signed with the key \w{16}, which is not known here/);
  });

  test('signed with an older key still holds, as long as its public part is known', () => {
    const next = keyPair();
    const both = readPublicKeys(keys.publicText + next.publicText);
    const later = madeUpFile(next.signer, [3, 7]).checkpoints.slice(1);
    const { heads, problems } = judge([one, ...later], both);
    expect(heads.map(({ eventNo }) => eventNo)).toEqual([3, 7]);
    expect(problems).toEqual([]);
  });
});

describe('an account’s row of checkpoints', () => {
  const row = rowOf(keys.signer, [10, 20, 20, 31]);
  const judge = (following: CheckpointRow[]): string[] =>
    judgeCheckpoints(id, { covering: [], following }, keys.publicKeys).problems.map(({ says }) => says);

  test('is whole, and says which is the newest', () => {
    expect(judge(row)).toEqual([]);
    const { newest } = judgeCheckpoints(id, { covering: [], following: row }, keys.publicKeys);
    expect(newest).toBe('2026-01-01T04:00:00.000Z');
  });

  test('shows that one was taken out', () => {
    expect(judge(row.toSpliced(1, 1))).toEqual([
      'the checkpoint before that of 2026-01-01T03:00:00.000Z is missing, or not the one that it follows',
    ]);
  });

  test('shows that one was put in by somebody else', () => {
    const forged = rowOf(keyPair().signer, [10, 21]);
    const [problem] = judge(row.toSpliced(1, 1, ...forged.slice(1)));
    expect(problem).toMatch(/signed with the key \w{16}, which is not known here/);
  });

  test('shows that conversations were deleted between two hours', () => {
    expect(judge(rowOf(keys.signer, [10, 9]))).toEqual([
      'at the checkpoint of 2026-01-01T02:00:00.000Z the account had fewer events or conversations than at the one before',
    ]);
  });
});

/** One an hour; `events` that the account had. */
function rowOf(signer: Signer, events: number[]): CheckpointRow[] {
  const row: CheckpointRow[] = [];
  for (const [index, count] of events.entries()) {
    const hour = new Date(Date.UTC(2026, 0, 1, index + 1)).toISOString();
    const before = row.at(-1);
    const document = textOf({
      format: checkpointFormat,
      accountId: id.accountId,
      no: index + 1,
      hour,
      madeAt: hour,
      previous: before ? hashOf(before.document) : '',
      heads: 0,
      root: treeOf([]).root,
      conversations: 1,
      events: count,
    });
    row.push({ document, keyId: signer.keyId, signature: signer.sign(document) });
  }
  return row;
}
