/** `baton migrate`: the database's owner brings it to the schema of this build, and gives the processes their logins. */
import { createLogins, migrate, type Role } from '../../../store/migrate.ts';
import type { Io } from '../io.ts';
import { readSetting, requireSetting, Unusable, type Env } from '../settings.ts';

const variables: Record<Role, string> = {
  api: 'BATON_API_PASSWORD',
  worker: 'BATON_WORKER_PASSWORD',
  courier: 'BATON_COURIER_PASSWORD',
};

export async function migrateDatabase(io: Io): Promise<boolean> {
  const url = requireSetting(io.env, 'BATON_DATABASE_URL', 'the database, as its owner sees it');
  const passwords = readPasswords(io.env);
  const applied = await migrate(url);
  for (const name of applied) io.out(`applied ${name}`);
  io.out(applied.length === 0 ? 'nothing to apply' : `${applied.length} applied`);
  if (passwords) {
    await createLogins(url, passwords);
    io.out('logins of api, worker and courier are set');
  }
  return true;
}

/** All of them or none: one that is forgotten would leave its process without a login. */
function readPasswords(env: Env): Record<Role, string> | null {
  const [api, worker, courier] = [variables.api, variables.worker, variables.courier].map((name) =>
    readSetting(env, name),
  );
  if (api && worker && courier) return { api, worker, courier };
  if (api ?? worker ?? courier) throw new Unusable(`Set all of ${Object.values(variables).join(', ')}, or none.`);
  return null;
}
