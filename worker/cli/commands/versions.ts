/** `baton versions`: the builds of a deployment, and how many conversations run with each. */
import { type Build, readDeployment, type Deployment } from '../../../courier/deployment.ts';
import { countPinned } from '../../../courier/pinned-runs.ts';
import type { Io } from '../io.ts';
import { readSetting, Unusable, type Env } from '../settings.ts';
import { withTemporal } from '../surroundings.ts';

/** Temporal counts what it has indexed, which is a second or so behind. */
export async function versions(io: Io, given: string | undefined, json: boolean): Promise<void> {
  const name = deploymentName(io.env, given);
  const { deployment, builds } = await withTemporal(io.env, async (client) => {
    const known = deploymentThere(await readDeployment(client, name), name);
    const counted = known.builds.map(async (one) => ({
      ...one,
      open: await countPinned({ client, deployment: name, build: one.build }),
    }));
    return { deployment: known, builds: await Promise.all(counted) };
  });
  if (json) {
    io.out(JSON.stringify({ deployment: name, unversioned: deployment.unversioned, builds }, null, 2));
    return;
  }
  for (const build of builds) io.out(`${build.build}: ${roleOf(build)}; ${openText(build.open)}`);
  if (deployment.unversioned) io.out('No build is current: conversations go to workers without BATON_DEPLOYMENT.');
}

export function deploymentName(env: Env, given: string | undefined): string {
  const name = given ?? readSetting(env, 'BATON_DEPLOYMENT');
  if (name === undefined) throw new Unusable('Which deployment? Say --deployment <name>, or set BATON_DEPLOYMENT.');
  return name;
}

export function deploymentThere(deployment: Deployment | null, name: string): Deployment {
  if (deployment !== null) return deployment;
  throw new Unusable(`Temporal knows no deployment ${name}: no worker with BATON_DEPLOYMENT=${name} has come up.`);
}

function roleOf({ role, percent }: Build): string {
  switch (role) {
    case 'current':
      return 'current';
    case 'ramping':
      return `has ${percent} % of what begins`;
    case 'other':
      return 'nothing begins with it';
  }
}

function openText(open: number): string {
  return open === 0
    ? 'no conversation is open'
    : open === 1
      ? '1 conversation is open'
      : `${open} conversations are open`;
}
