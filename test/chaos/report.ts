/** What came of a scenario, as a person reads it. */
import type { Ran } from './run.ts';

export const listed = (facts: object): string =>
  Object.entries(facts)
    .map(([name, value]) => `${name} ${value}`)
    .join(' · ');

/** How many of a kind are written out. */
const most = 5;

export function told({ id, title, seed, seconds, versions, findings, unknown, facts, planted }: Ran): string {
  const head = `${id}  ${title}: ${findings.length === 0 ? 'nothing to object' : `${findings.length} OBJECTIONS`}`;
  return [
    head,
    `    ${listed(facts)}`,
    `    ${seconds} s · seed ${seed} · ${listed(versions)}`,
    ...some(unknown.map((name) => `    of unknown fate, and named so: ${name}`)),
    ...[...new Set(findings.map(({ oracle }) => oracle))].flatMap((name) =>
      some(findings.filter(({ oracle }) => oracle === name).map(({ says }) => `    ✗ ${name}: ${says}`)),
    ),
    ...(planted ? [toldOfDefect(planted)] : []),
  ].join('\n');
}

const some = (lines: string[]): string[] =>
  lines.length <= most ? lines : [...lines.slice(0, most), `    … and ${lines.length - most} more`];

function toldOfDefect({ oracle, objecting, isSeen }: Required<Ran>['planted']): string {
  const others = objecting.filter((one) => one !== oracle);
  const also = others.length > 0 ? `; also objecting: ${others.join(', ')}` : '';
  return `    ${isSeen ? 'seen' : 'NOT SEEN'} by ${oracle}${also}`;
}
