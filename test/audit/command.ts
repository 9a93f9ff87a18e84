import { main } from '../../worker/cli/main.ts';

export interface Said {
  code: number;
  out: string;
  err: string;
}

/** Runs `baton` with these arguments in an environment of its own. */
export async function baton(args: string[], env: Record<string, string | undefined> = {}): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const io = { out: (line: string) => out.push(line), err: (line: string) => err.push(line), env, colours: false };
  const code = await main(args, io);
  return { code, out: out.join('\n'), err: err.join('\n') };
}
