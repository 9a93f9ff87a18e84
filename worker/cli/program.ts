/** What the `baton` command offers. Nothing that a command works with is loaded before it is asked for. */
import { Command } from 'commander';
import { parseConversation } from './conversation-id.ts';
import type { Io } from './io.ts';
import { parseReplayable } from './replayable.ts';

export interface Call {
  io: Io;
  /** What a command answers: whether what it looked at is as it should be. */
  done(good: boolean): void;
}

export function createProgram(call: Call): Command {
  const { io } = call;
  const program = new Command('baton')
    .description('A durable conversation engine for bot-to-human hand-over')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .addHelpText('after', surroundings);
  for (const offer of [audit, verify, replay, migrate, restored, bundle]) offer(program, call);
  return program;
}

const surroundings = `
Conversations stand in BATON_DATABASE_URL. With BATON_TEMPORAL_ADDRESS or TEMPORAL_ADDRESS (and TEMPORAL_NAMESPACE) histories
are read from Temporal while it keeps them, those of running conversations, too; without it, only exported ones. BATON_BUILD names the build of
this code. Each can be given as a file (NAME_FILE).

Exit code: 0 all is well, 1 something is wrong, 2 it could not be looked at.`;

interface Options {
  account?: string;
  bundle?: string;
  json: boolean;
  all: boolean;
}

const ofAccount = ['--account <id>', 'account of the conversation (else BATON_ACCOUNT)'] as const;
const withBundle = [
  '--bundle <file>',
  'workflow bundle to replay against (else BATON_WORKFLOW_BUNDLE, else this code)',
] as const;
const asJson = ['--json', 'for machines', false] as const;

function audit(program: Command, { io, done }: Call): void {
  program
    .command('audit <conversation>')
    .description('who decided what, when and why; whether the record is whole; whether this code decides the same')
    .option(...ofAccount)
    .option(...withBundle)
    .option(...asJson)
    .action(async (conversation: string, { account, bundle: file, json }: Options) => {
      const work = await import('./commands/audit.ts');
      done(await work.audit(io, parseConversation(conversation, account, io.env), { json, bundle: file }));
    });
}

function verify(program: Command, { io, done }: Call): void {
  program
    .command('verify <conversation>')
    .description('whether the record of a conversation is whole, and what nothing anchors yet')
    .option(...ofAccount)
    .option(...asJson)
    .action(async (conversation: string, { account, json }: Options) => {
      const { verifyConversation } = await import('./commands/verify.ts');
      done(await verifyConversation(io, parseConversation(conversation, account, io.env), { json }));
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
