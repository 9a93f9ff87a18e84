import { join } from 'node:path';
import { unprivilegedUser } from '../../dev/servers/os-user.ts';
import { findPostgres } from '../../dev/servers/postgres-binaries.ts';
import { createData, passwordFor } from '../../dev/servers/postgres-data.ts';
import { binariesFor } from '../../dev/servers/postgres-home.ts';

/** Makes data of this version in `dataDir`: a server that is started on it is of that version. */
export async function createPostgresDataOf(version: number, dataDir: string): Promise<void> {
  const log = (): void => undefined;
  const user = await unprivilegedUser();
  const { dir, major } = await findPostgres(version);
  const bin = await binariesFor(user, dir, dataDir, log);
  const pgdata = join(dataDir, 'pgdata');
  const password = await passwordFor(dataDir, pgdata);
  await createData({ pgdata, bin, major, password, user, log });
}
