import { randomBytes } from 'node:crypto';
import type { Role } from '../store/migrate.ts';
import { readPrivateJson, writePrivateJson } from './private-file.ts';

/** All that must be secret and the same in every run over the same data. */
export interface Keys {
  /** Of the roles that log in to Postgres. */
  passwords: Record<Role, string>;
  jwtKey: string;
  tokenKey: string;
  operatorKey: string;
}

/** Those in `file`; made at the first run. */
export async function keysIn(file: string): Promise<Keys> {
  const known = await readPrivateJson<Keys>(file);
  if (known) return known;
  const made: Keys = {
    passwords: { api: random(), worker: random(), courier: random() },
    jwtKey: random(),
    tokenKey: random(),
    operatorKey: random(),
  };
  await writePrivateJson(file, made);
  return made;
}

const random = (): string => randomBytes(32).toString('base64url');
