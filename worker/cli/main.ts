/**
 * The `baton` command. Exit codes: 0, what was looked at is as it should be; 1, something is wrong; 2, it could not be
 * looked at.
 */
import { Command, CommanderError } from 'commander';
import { parseAccount, parseConversation } from './conversation-id.ts';
import { processIo, type Io } from './io.ts';
import { Unusable } from './settings.ts';
import { wordsFor } from './troubles.ts';

const account = ['--account <id>', 'account of the conversation (else BATON_ACCOUNT)'] as const;
const bundle = [
  '--bundle <file>',
  'workflow bundle to replay against (else BATON_WORKFLOW_BUNDLE, else this code)',
] as const;
const json = ['--json', 'for machines', false] as const;

const surroundings = `
Conversations stand in BATON_DATABASE_URL. With BATON_TEMPORAL_ADDRESS or TEMPORAL_ADDRESS (and TEMPORAL_NAMESPACE) histories
are read from Temporal while it keeps them, those of running conversations, too; without it, only exported ones. BATON_BUILD names the build of
this code. Each can be given as a file (NAME_FILE).

Exit code: 0 all is well, 1 something is wrong, 2 it could not be looked at.`;

/** Never throws; answers the exit code. */
export async function main(args: string[], io: Io = processIo()): Promise<number> {
  let good = true;
  const command = createCommand(io, (result) => (good = result));
  try {
    await command.parseAsync(args, { from: 'user' });
    return good ? 0 : 1;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    io.err(wordsFor(error, io.env));
    return 2;
  }
}

interface Options {
  account?: string;
  bundle?: string;
  json: boolean;
  all: boolean;
}

function createCommand(io: Io, done: (good: boolean) => void): Command {
  const command = new Command('baton')
    .description('A durable conversation engine for bot-to-human hand-over')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .addHelpText('after', surroundings);

  command
    .command('audit <conversation>')
    .description('who decided what, when and why; whether the record is whole; whether this code decides the same')
    .option(...account)
    .option(...bundle)
    .option(...json)
    .action(async (conversation: string, options: Options) => {
      const { audit } = await import('./commands/audit.ts');
      done(
        await audit(io, parseConversation(conversation, options.account, io.env), {
          ...options,
          bundle: options.bundle,
        }),
      );
    });

  command
    .command('verify <conversation>')
    .description('whether the record of a conversation is whole, and what nothing anchors yet')
    .option(...account)
    .option(...json)
    .action(async (conversation: string, options: Options) => {
      const { verifyConversation } = await import('./commands/verify.ts');
      done(await verifyConversation(io, parseConversation(conversation, options.account, io.env), options));
    });

  command
    .command('replay [what...]')
    .description(
      'whether this code decides what was recorded: conversations, files of histories, or --all of an account',
    )
    .option('--all', 'every conversation of the account', false)
    .option(...account)
    .option(...bundle)
    .action(async (what: string[], options: Options) => {
      const { replay } = await import('./commands/replay.ts');
      done(await replay(io, await replayable(what, options, io), options.bundle));
    });

  command
    .command('migrate')
    .description('bring the database to the schema of this build; BATON_DATABASE_URL is its owner’s')
    .action(async () => {
      const { migrateDatabase } = await import('./commands/migrate.ts');
      done(await migrateDatabase(io));
    });

  command
    .command('bundle <file>')
    .description('build the workflow bundle that workers load')
    .action(async (file: string) => {
      const { writeBundle } = await import('../bundle.ts');
      await writeBundle(file);
      io.out(`wrote ${file}`);
    });

  return command;
}

async function replayable(what: string[], { all, account: given }: Options, io: Io) {
  if (all) return { account: parseAccount(given, io.env) };
  if (what.length === 0) throw new Unusable('Replay what? Name conversations or files, or say --all.');
  const { existsSync } = await import('node:fs');
  const files = what.filter((one) => existsSync(one));
  if (files.length === what.length) return { files };
  if (files.length > 0) throw new Unusable('Name either files or conversations.');
  return { conversations: what.map((one) => parseConversation(one, given, io.env)) };
}
