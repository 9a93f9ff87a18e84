/** A process of ours that is ended in whatever way and comes back as it was: same settings, same address. */
import type { OwnProcess } from './own-process.ts';

export interface KeptProcess {
  pid(): number | undefined;
  /** Signals, and resolves with its exit code when it is gone; nothing starts it again but `start`. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  /** Resolves when it is up. `settings`: others for this life. */
  start(settings?: Record<string, string>): Promise<void>;
  /** kill -9, and started again. */
  killed(): Promise<void>;
  /** What this life of it has said so far. */
  lines(): string[];
}

const ignore = (): void => undefined;

/** `isUp`: the words by which it says that it is. */
export async function startKept(
  isUp: string,
  launch: (settings: Record<string, string>) => OwnProcess,
): Promise<KeptProcess> {
  const up = async (settings: Record<string, string>): Promise<OwnProcess> => {
    const started = launch(settings);
    const said = started.says(isUp);
    const ended = started.ended.then(() => Promise.reject(new Error(`It ended:\n${started.lines.join('\n')}`)));
    await Promise.race([said, ended]);
    for (const late of [said, ended]) late.catch(ignore);
    return started;
  };
  let running = await up({});
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    running.child.kill(signal);
    const [code] = await running.ended;
    return code;
  };
  const start = async (settings: Record<string, string> = {}): Promise<void> => {
    running = await up(settings);
  };
  return {
    pid: () => running.child.pid,
    end,
    start,
    async killed() {
      await end('SIGKILL');
      await start();
    },
    lines: () => running.lines,
  };
}
