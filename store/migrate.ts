/**
 * Brings a database to the schema of this build, and gives the processes' roles their logins. A step of its own, run by
 * the database's owner before API, workers and couriers start; those own nothing and can't change the schema.
 */
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';

const directory = fileURLToPath(new URL('migrations', import.meta.url));

/** The roles that log in. They belong to the cluster, not to one database. */
export const roles = { api: 'baton_api', worker: 'baton_worker', courier: 'baton_courier' } as const;
export type Role = keyof typeof roles;

/**
 * Applies what is missing, all of it or nothing, and names what it applied. Two at once: the second waits, then finds
 * nothing to do. `adminUrl` is that of the database's owner, who may create roles and need not be a superuser.
 */
export async function migrate(adminUrl: string): Promise<string[]> {
  return withClient(adminUrl, async (dbClient) => {
    const applied = await runner({
      dbClient,
      dir: directory,
      direction: 'up',
      migrationsTable: 'migrations',
      singleTransaction: true,
      advisoryLockMode: 'wait',
      // It would print whole files; what failed, and where, stands in the error.
      log: () => undefined,
    });
    return applied.map(({ name }) => name);
  });
}

/** A transaction that was forgotten open holds back the feed of every client: whoever logs in as one of ours loses it. */
const forgottenMs = 10_000;

/** Lets the roles log in to this cluster with these passwords; safe to repeat, and to run twice at once. */
export async function createLogins(adminUrl: string, passwords: Record<Role, string>): Promise<void> {
  await withClient(adminUrl, async (client) => {
    for (const role of Object.keys(roles) as Role[]) {
      await alterRole(client, `ALTER ROLE ${roles[role]} LOGIN PASSWORD ${client.escapeLiteral(passwords[role])}`);
      await alterRole(client, `ALTER ROLE ${roles[role]} SET idle_in_transaction_session_timeout = ${forgottenMs}`);
    }
  });
}

/** Where each role logs in to the database of `adminUrl`. */
export function roleUrls(adminUrl: string, passwords: Record<Role, string>): Record<Role, string> {
  const urlOf = (role: Role): string => {
    const url = new URL(adminUrl);
    url.username = roles[role];
    url.password = encodeURIComponent(passwords[role]);
    return url.href;
  };
  return { api: urlOf('api'), worker: urlOf('worker'), courier: urlOf('courier') };
}

/** Roles are rows that all databases of the cluster share, and whoever alters one meanwhile makes ours fail. */
async function alterRole(client: pg.Client, statement: string, triesLeft = 20): Promise<void> {
  try {
    await client.query(statement);
  } catch (error) {
    if (triesLeft === 0 || !(error instanceof pg.DatabaseError) || !isOfAnother(error)) throw error;
    await alterRole(client, statement, triesLeft - 1);
  }
}

/** The second is how it shows where a role gets its first setting. */
function isOfAnother({ message, code }: pg.DatabaseError): boolean {
  return message === 'tuple concurrently updated' || code === '23505';
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'baton-migrate' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
