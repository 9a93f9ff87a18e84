/**
 * The two databases of a Temporal server, with the tables of its version. What they are called is written down when they
 * are complete: a start that was killed in the middle leaves a half that nobody uses, and the next one makes others.
 */
import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { ifThere } from './error-codes.ts';
import type { Log } from './log.ts';
import { runCommand } from './run-command.ts';
import type { DatabaseNames } from './temporal-config.ts';

/** It is made as a smallint, and the ports that Linux gives out begin where that ends. */
const WIDER_PORT = 'ALTER TABLE cluster_membership ALTER COLUMN rpc_port TYPE integer';

const fileOf = (dir: string): string => join(dir, 'databases.json');

/** Those of the folder; made if there are none. */
export async function databasesOf(
  dir: string,
  postgresUrl: string,
  schemaTool: string,
  log: Log,
): Promise<DatabaseNames> {
  const known = await ifThere(readFile(fileOf(dir), 'utf8'));
  if (known !== undefined) return JSON.parse(known) as DatabaseNames;
  const id = randomBytes(6).toString('hex');
  const names = { cluster: `baton-${id}`, database: `temporal_${id}`, visibility: `temporal_visibility_${id}` };
  log(`creating Temporal's tables in ${names.database} and ${names.visibility}`);
  await Promise.all([
    createSchema(schemaTool, postgresUrl, names.database, 'postgresql/v12/temporal'),
    createSchema(schemaTool, postgresUrl, names.visibility, 'postgresql/v12/visibility'),
  ]);
  await run(databaseUrl(postgresUrl, names.database), WIDER_PORT);
  await writeFile(`${fileOf(dir)}.new`, JSON.stringify(names));
  await rename(`${fileOf(dir)}.new`, fileOf(dir));
  return names;
}

/**
 * Forgets who was a part of the server before. It is one process, so whoever stands there is dead, and if it was killed
 * the new one would share its work with it until it is missed.
 */
export async function forgetMembers(postgresUrl: string, { database }: DatabaseNames): Promise<void> {
  await run(databaseUrl(postgresUrl, database), 'DELETE FROM cluster_membership');
}

export async function dropDatabases(postgresUrl: string, { database, visibility }: DatabaseNames): Promise<void> {
  for (const name of [database, visibility]) await run(postgresUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

async function createSchema(tool: string, postgresUrl: string, database: string, schema: string): Promise<void> {
  await run(postgresUrl, `CREATE DATABASE ${database}`);
  const env = { ...process.env, ...schemaToolSettings(postgresUrl, database) };
  await runCommand(tool, ['setup-schema', '-v', '0.0'], { env });
  await runCommand(tool, ['update-schema', '--schema-name', schema], { env });
}

/** As variables: a password on a command line could be read by everybody on the machine. */
export function schemaToolSettings(postgresUrl: string, database: string): Record<string, string> {
  const { username, password, hostname, port } = new URL(postgresUrl);
  return {
    SQL_PLUGIN: 'postgres12_pgx',
    SQL_HOST: hostname,
    SQL_PORT: port === '' ? '5432' : port,
    SQL_USER: decodeURIComponent(username),
    SQL_PASSWORD: decodeURIComponent(password),
    SQL_DATABASE: database,
  };
}

function databaseUrl(postgresUrl: string, name: string): string {
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
