/** `baton promote`: what begins goes to this build, and what runs with others comes over. The way back is the same. */
import { NotPromoted, promote, ramp, readDeployment } from '../../../courier/deployment.ts';
import { move, type Moved } from '../../../courier/pinned-runs.ts';
import type { Temporal } from '../../../courier/connection.ts';
import type { Io } from '../io.ts';
import { Unusable } from '../settings.ts';
import { withTemporal } from '../surroundings.ts';
import { deploymentName } from './versions.ts';

/** False where conversations stay behind that no worker answers for. */
export async function promoteBuild(
  io: Io,
  given: string | undefined,
  build: string,
  share: string | undefined,
): Promise<boolean> {
  const name = deploymentName(io.env, given);
  const percent = share === undefined ? null : percentIn(share);
  return withTemporal(io.env, async (client) => {
    const change = percent === null ? promote(client, name, build) : ramp(client, name, build, percent);
    await change.catch((error: unknown) => {
      if (error instanceof NotPromoted) throw new Unusable(`Temporal refuses: ${error.message}`);
      throw error;
    });
    if (percent === null) {
      io.out(`${build} is current.`);
      return bringOver(io, client, name, build);
    }
    io.out(`${build} has ${percent} % of what begins from here on.`);
    return true;
  });
}

function percentIn(share: string): number {
  const percent = Number(share);
  if (share.trim() === '' || !(percent >= 0 && percent <= 100)) throw new Unusable(`“${share}” is no share, 0 to 100.`);
  return percent;
}

/** More than once: some began with the build before, just as it was no longer current, or were not in Temporal's index yet. */
const rounds = 3;

async function bringOver(io: Io, client: Temporal['client'], deployment: string, current: string): Promise<boolean> {
  const others = ((await readDeployment(client, deployment))?.builds ?? []).filter(({ build }) => build !== current);
  let good = true;
  for (const { build } of others) {
    let told: Moved = { move: 0, stay: 0, silent: 0 };
    for (let round = 0; round < rounds && told.silent === 0; round += 1) {
      const { move: more, silent } = await move({ client, deployment, build });
      told = { ...told, move: told.move + more, silent };
      if (more === 0) break;
    }
    if (told.move > 0) io.out(`${told.move} told to come over from ${build}.`);
    if (told.silent > 0) io.err(`${build} gives no answer. Have its workers up again, or: baton retire ${build}`);
    good &&= told.silent === 0;
  }
  return good;
}
