/** What the `baton` command offers for releases: which builds there are, and which of them conversations go on with. */
import type { Command } from 'commander';
import type { Call } from './call.ts';

const ofDeployment = ['--deployment <name>', 'deployment of the builds (else BATON_DEPLOYMENT)'] as const;

interface DeploymentOptions {
  deployment?: string;
  json: boolean;
  share?: string;
}

function versions(program: Command, { io }: Call): void {
  program
    .command('versions')
    .description('which builds there are, which of them conversations go to, and how many still run with each')
    .option(...ofDeployment)
    .option('--json', 'for machines', false)
    .action(async ({ deployment, json }: DeploymentOptions) => {
      const work = await import('./commands/versions.ts');
      await work.versions(io, deployment, json);
    });
}

function promote(program: Command, { io, done }: Call): void {
  program
    .command('promote <build>')
    .description(
      'have all conversations go on with this build, each at its next idle point; or an older one, to go back',
    )
    .option('--share <percent>', 'only those that begin anew, and of these only this share')
    .option(...ofDeployment)
    .action(async (build: string, { deployment, share }: DeploymentOptions) => {
      const work = await import('./commands/promote.ts');
      done(await work.promoteBuild(io, deployment, build, share));
    });
}

function retire(program: Command, { io }: Call): void {
  program
    .command('retire <build>')
    .description('start those anew, with the current build, that run with one whose workers are gone or can’t go on')
    .option(...ofDeployment)
    .action(async (build: string, { deployment }: DeploymentOptions) => {
      const work = await import('./commands/retire.ts');
      await work.retireBuild(io, deployment, build);
    });
}

export const ofBuilds = [versions, promote, retire];
