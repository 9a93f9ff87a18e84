/** `baton retire`: conversations of a build that nobody runs any more go on, from what is recorded, with the current one. */
import { readDeployment } from '../../../courier/deployment.ts';
import { retire } from '../../../courier/pinned-runs.ts';
import type { Io } from '../io.ts';
import { readSetting, Unusable } from '../settings.ts';
import { withTemporal } from '../surroundings.ts';
import { deploymentName, deploymentThere } from './versions.ts';

export async function retireBuild(io: Io, given: string | undefined, build: string): Promise<void> {
  const name = deploymentName(io.env, given);
  const taskQueue = readSetting(io.env, 'BATON_TASK_QUEUE') ?? 'baton';
  const ended = await withTemporal(io.env, async (client) => {
    const { builds } = deploymentThere(await readDeployment(client, name), name);
    const known = builds.find((one) => one.build === build);
    if (!known) throw new Unusable(`${name} has no build ${build}.`);
    if (known.role !== 'other') throw new Unusable(`What begins goes to ${build}: promote another build first.`);
    return retire({ client, deployment: name, build }, taskQueue);
  });
  io.out(`${ended} begun anew.`);
}
