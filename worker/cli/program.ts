/** What the `baton` command offers. Nothing that a command works with is loaded before it is asked for. */
import { Command } from 'commander';
import type { Call } from './call.ts';
import { parseAccount } from './conversation-id.ts';
import { parseExportable } from './exportable.ts';
import { parseInstant } from './instant.ts';
import { ofBuilds } from './of-builds.ts';
import { parseRebuildable, parseReplayable } from './replayable.ts';
import { parseSubject, parseVerifiable } from './subject.ts';

export function createProgram(call: Call): Command {
  const { io } = call;
  const program = new Command('baton')
    .description('A durable conversation engine for bot-to-human hand-over')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .addHelpText('after', surroundings);
  for (const offer of [audit, verify, replay, invariants, exportFiles, migrate, restored, rebuild, bundle, ...ofBuilds])
    offer(program, call);
  return program;
}

const surroundings = `
Conversations stand in BATON_DATABASE_URL. With BATON_TEMPORAL_ADDRESS or TEMPORAL_ADDRESS (and TEMPORAL_NAMESPACE) histories
are read from Temporal while it keeps them, those of running conversations, too; without it, only exported ones. Checkpoints are
believed that are signed with one of BATON_CHECKPOINT_PUBLIC_KEYS. BATON_BUILD names the build of this code. Each can be given as
a file (NAME_FILE). A file that baton export wrote needs none of them; versions, promote and retire work on Temporal alone.

Exit code: 0 all is well, 1 something is wrong, 2 it could not be looked at.`;

interface Options {
  account?: string;
  bundle?: string;
  json: boolean;
  all: boolean;
  at?: string;
  with: string[];
  since?: string;
  to: string;
  dryRun: boolean;
}

const ofAccount = ['--account <id>', 'account of the conversation (else BATON_ACCOUNT)'] as const;
const withBundle = [
  '--bundle <file>',
  'workflow bundle to replay against (else BATON_WORKFLOW_BUNDLE, else this code)',
] as const;
const asJson = ['--json', 'for machines', false] as const;

function audit(program: Command, { io, done }: Call): void {
  program
    .command('audit <conversation|file>')
    .description('who decided what, when and why; whether the record is whole; whether this code decides the same')
    .option('--at <time>', 'what had happened by then, state and owner at that instant (ISO 8601 with its zone)')
    .option(...ofAccount)
    .option(...withBundle)
    .option(...asJson)
    .action(async (what: string, { account, bundle: file, json, at }: Options) => {
      const work = await import('./commands/audit.ts');
      const options = { json, bundle: file, at: at === undefined ? undefined : parseInstant(at) };
      done(await work.audit(io, parseSubject(what, account, io.env), options));
    });
}

function verify(program: Command, { io, done }: Call): void {
  program
    .command('verify [conversation|file]')
    .description(
      'whether the record of a conversation, or of --all of an account, is whole, and what nothing anchors yet',
    )
    .option('--all', 'every conversation of the account, and its checkpoints', false)
    .option('--with <files...>', 'exported files that you have kept, or folders of them, to hold it against', [])
    .option(...ofAccount)
    .option(...asJson)
    .action(async (what: string | undefined, { account, all, json, with: kept }: Options) => {
      const verifiable = parseVerifiable(what, { all, account }, io.env);
      if ('account' in verifiable) {
        const { verifyAccount } = await import('./commands/verify-all.ts');
        return done(await verifyAccount(io, verifiable.account, { json, with: kept }));
      }
      const { verifyConversation } = await import('./commands/verify.ts');
      done(await verifyConversation(io, verifiable, { json, with: kept }));
    });
}

function replay(program: Command, { io, done }: Call): void {
  program
    .command('replay [what...]')
    .description(
      'whether this code decides what was recorded: conversations, files of histories, or --all of an account',
    )
    .option('--all', 'every conversation of the account', false)
    .option(...ofAccount)
    .option(...withBundle)
    .action(async (what: string[], { all, account, bundle: file }: Options) => {
      const work = await import('./commands/replay.ts');
      done(await work.replay(io, parseReplayable(what, { all, account }, io.env), file));
    });
}

function invariants(program: Command, { io, done }: Call): void {
  program
    .command('invariants')
    .description('whether what must always hold of an account holds now, check by check')
    .option('--account <id>', 'the account (else BATON_ACCOUNT)')
    .option(...asJson)
    .action(async ({ account, json }: Options) => {
      const { checkInvariants } = await import('./commands/invariants.ts');
      done(await checkInvariants(io, parseAccount(account, io.env), { json }));
    });
}

function exportFiles(program: Command, { io, done }: Call): void {
  program
    .command('export [conversation]')
    .description('a file for each conversation, with all that is needed to audit it elsewhere')
    .option('--since <time>', 'every conversation in which something was recorded since (ISO 8601 with its zone)')
    .option('--to <folder>', 'where the files go', '.')
    .option(...ofAccount)
    .action(async (conversation: string | undefined, { account, since, to }: Options) => {
      const { exportConversations } = await import('./commands/export.ts');
      done(await exportConversations(io, parseExportable(conversation, { since, account }, io.env), to));
    });
}

function migrate(program: Command, { io, done }: Call): void {
  program
    .command('migrate')
    .description('bring the database to the schema of this build; BATON_DATABASE_URL is its owner’s')
    .action(async () => {
      const { migrateDatabase } = await import('./commands/migrate.ts');
      done(await migrateDatabase(io));
    });
}

function restored(program: Command, { io, done }: Call): void {
  program
    .command('restored')
    .description('after a store was put back from a backup, before API and workers start: actors go on from Postgres')
    .action(async () => {
      const work = await import('./commands/restored.ts');
      done(await work.restored(io));
    });
}

function rebuild(program: Command, { io, done }: Call): void {
  program
    .command('rebuild [conversation...]')
    .description('make the rows that follow from events anew; BATON_DATABASE_URL is that of the database’s owner')
    .option('--all', 'every conversation of the account', false)
    .option('--dry-run', 'change nothing, and name what differs', false)
    .option(...ofAccount)
    .action(async (what: string[], { all, account, dryRun }: Options) => {
      const work = await import('./commands/rebuild.ts');
      done(await work.rebuild(io, parseRebuildable(what, { all, account }, io.env), { dryRun }));
    });
}

function bundle(program: Command, { io }: Call): void {
  program
    .command('bundle <file>')
    .description('build the workflow bundle that workers load')
    .action(async (file: string) => {
      const { writeBundle } = await import('../bundle.ts');
      await writeBundle(file);
      io.out(`wrote ${file}`);
    });
}
