/** Whether a policy makes sense as a whole. All that is wrong is said at once, and then nothing is saved. */
import type { Transaction } from '../store/connection.ts';
import { existingDesks } from '../store/desks.ts';
import { cancelWords, sameWord, skipWords } from '../store/form-words.ts';
import { existingGroups } from '../store/groups.ts';
import type { PolicyRow } from '../store/policy-versions.ts';
import type { Target } from '../workflows/conversation/state.ts';
import { noticeCodes, type PolicyInput } from './policy-schema.ts';
import { type Issue, Problem } from './problem.ts';

const idOf = (target: Target): string => (target.kind === 'group' ? target.groupId : target.deskId);

type Path = (string | number)[];

export async function requireSoundPolicy(tx: Transaction, accountId: string, policy: PolicyInput): Promise<void> {
  const issues = [
    ...emptyNotices(policy),
    ...unsoundForm(policy),
    ...unsoundNumbers(policy),
    ...(await unknownTargets(tx, accountId, policy)),
  ];
  if (issues.length > 0) {
    throw new Problem('invalid-settings', { issues });
  }
}

const issue = (path: Path, message: string): Issue => ({ path: ['body', ...path], message });

function emptyNotices({ notices }: PolicyInput): Issue[] {
  return noticeCodes
    .filter((code) => (notices[code] ?? '').trim() === '')
    .map((code) => issue(['notices', code], 'A text is needed.'));
}

function unsoundForm({ form }: PolicyInput): Issue[] {
  return form.flatMap(({ name, type, options, cancelWords: own = cancelWords, required }, index) => [
    ...(form.findIndex((other) => other.name === name) < index
      ? [issue(['form', index, 'name'], 'Another field has this name.')]
      : []),
    ...((type === 'choice') === (options === undefined)
      ? [issue(['form', index, 'options'], 'A choice needs options, and nothing else has any.')]
      : []),
    ...unsoundOptions(options ?? [], required ? own : [...own, ...skipWords]).map(([option, message]) =>
      issue(['form', index, 'options', option], message),
    ),
  ]);
}

/** Whoever answers with an option must not be taken to mean another, or to give up. */
function unsoundOptions(options: string[], taken: string[]): [option: number, message: string][] {
  return options.flatMap((option, index): [number, string][] => {
    if (options.findIndex((other) => sameWord(other, option)) < index) return [[index, 'Another option is the same.']];
    if (taken.some((word) => sameWord(word, option)))
      return [[index, 'By this word a customer gives up, or passes on.']];
    return [];
  });
}

function unsoundNumbers({ numbers, groups, form }: PolicyInput): Issue[] {
  const places: [Path, PolicyInput['numbers']][] = [
    [['numbers'], numbers],
    ...Object.entries(groups).map(([groupId, own]): [Path, PolicyInput['numbers']] => [['groups', groupId], own]),
  ];
  return places.flatMap(([path, { intake, idle }]) => [
    ...(intake?.by === 'form' && form.length === 0
      ? [issue([...path, 'intake', 'by'], 'The form has no fields.')]
      : []),
    ...(typeof idle?.warnMs === 'number' && typeof idle.closeMs === 'number' && idle.warnMs >= idle.closeMs
      ? [issue([...path, 'idle', 'warnMs'], 'The warning must come before the close.')]
      : []),
  ]);
}

async function unknownTargets(tx: Transaction, accountId: string, { groups, routing }: PolicyInput): Promise<Issue[]> {
  const targets: { path: Path; target: Target }[] = [
    ...Object.keys(groups).map((groupId) => ({
      path: ['groups', groupId],
      target: { kind: 'group' as const, groupId },
    })),
    ...routing.rules.map(({ target }, index) => ({ path: ['routing', 'rules', index, 'target'], target })),
    ...(routing.default === null ? [] : [{ path: ['routing', 'default'], target: routing.default }]),
  ];
  const known = new Set([
    ...(await existingGroups(
      tx,
      accountId,
      targets.flatMap(({ target }) => (target.kind === 'group' ? [target.groupId] : [])),
    )),
    ...(await existingDesks(
      tx,
      accountId,
      targets.flatMap(({ target }) => (target.kind === 'desk' ? [target.deskId] : [])),
    )),
  ]);
  return targets
    .filter(({ target }) => !known.has(idOf(target)))
    .map(({ path, target }) => issue(path, `There is no such ${target.kind}.`));
}

/** Do rules or the default lead to this group or desk? */
export function isRoutedTo(policy: PolicyRow | null, id: string): boolean {
  const { rules = [], default: otherwise = null } = policy?.routing ?? {};
  return [...rules.map(({ target }) => target), otherwise].some((target) => target !== null && idOf(target) === id);
}
