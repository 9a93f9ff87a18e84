import { readFile } from 'node:fs/promises';

export type OsUser = { name: string; uid: number; gid: number };

/** Users without rights of their own; the last one exists on every Unix. */
const UNPRIVILEGED = ['postgres', 'nobody'];

/** Who runs what refuses to run as root: undefined (ourselves) unless we are root. */
export async function unprivilegedUser(): Promise<OsUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = parsePasswd(await readFile('/etc/passwd', 'utf8'));
  const user = UNPRIVILEGED.map((name) => users.get(name)).find((found) => found !== undefined);
  if (user) return user;
  throw new Error(
    `Postgres refuses to run as root, and none of the users ${UNPRIVILEGED.join(', ')} exists. ` +
      'Run this as another user, create one of these, or set DATABASE_URL to a Postgres that runs already.',
  );
}

function parsePasswd(text: string): Map<string, OsUser> {
  const users = new Map<string, OsUser>();
  for (const line of text.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name && uid && gid) users.set(name, { name, uid: Number(uid), gid: Number(gid) });
  }
  return users;
}
