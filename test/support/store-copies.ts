/** Copies of a store's files, and putting them back: cold backups, for as long as its server is down. */
import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import type { TestDatabase } from './database-server.ts';
import { required } from './required.ts';

const run = promisify(execFile);

/** With owner and mode: Postgres looks at both. */
export async function copyTo(copy: string, path: string): Promise<void> {
  await run('cp', ['-a', path, copy]);
}

/** null: nothing is left. */
export async function putBack(path: string, copy: string | null): Promise<void> {
  await rm(path, { recursive: true });
  await (copy === null ? mkdir(path) : copyTo(path, copy));
}

/** Asked while the server is up. */
export async function dataDirectoryOf({ adminUrl }: TestDatabase): Promise<string> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    return required(rows[0]).data_directory;
  } finally {
    await client.end();
  }
}
