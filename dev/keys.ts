import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Role } from '../store/migrate.ts';
import { readPrivateJson, writePrivateJson } from './private-file.ts';

/** All that must be secret and the same in every run over the same data. */
export interface Keys {
  /** Of the roles that log in to Postgres. */
  passwords: Record<Role, string>;
  jwtKey: string;
  tokenKey: string;
  operatorKey: string;
  /** Signs checkpoints; base64 of PKCS #8, and of SPKI. */
  checkpointKey: string;
  checkpointPublicKey: string;
}

/** Those in `file`; made at the first run that needs them. */
export async function keysIn(file: string): Promise<Keys> {
  const known = await readPrivateJson<Partial<Keys>>(file);
  const keys: Keys = {
    passwords: { api: random(), worker: random(), courier: random() },
    jwtKey: random(),
    tokenKey: random(),
    operatorKey: random(),
    ...checkpointKeys(),
    ...known,
  };
  await writePrivateJson(file, keys);
  return keys;
}

function checkpointKeys(): Pick<Keys, 'checkpointKey' | 'checkpointPublicKey'> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    checkpointKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    checkpointPublicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  };
}

const random = (): string => randomBytes(32).toString('base64url');
