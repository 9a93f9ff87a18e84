import { spawn } from 'node:child_process';
import { projectDir } from '../home.ts';

/** `npx baton audit`, as a person would type it; its words go where ours go. Answers the exit code. */
export async function audit(conversationId: string, settings: Record<string, string>): Promise<number | null> {
  const child = spawn('npx', ['baton', 'audit', conversationId], {
    cwd: projectDir,
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}
