/**
 * The `baton` command. Exit codes: 0, what was looked at is as it should be; 1, something is wrong; 2, it could not be
 * looked at.
 */
import { CommanderError } from 'commander';
import { processIo, type Io } from './io.ts';
import { createProgram } from './program.ts';
import { wordsFor } from './troubles.ts';

/** Never throws; answers the exit code. */
export async function main(args: string[], io: Io = processIo()): Promise<number> {
  let good = true;
  const program = createProgram({ io, done: (result) => (good = result) });
  try {
    await program.parseAsync(args, { from: 'user' });
    return good ? 0 : 1;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    io.err(wordsFor(error, io.env));
    return 2;
  }
}
