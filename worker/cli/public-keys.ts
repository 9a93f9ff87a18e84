/** Whose checkpoints are believed: the public keys that the command is given, never any that came with what is verified. */
import { readPublicKeys, type PublicKeys } from '../audit/checkpoints/keys.ts';
import { readSetting, Unusable, type Env } from './settings.ts';

export function readCheckpointKeys(env: Env): PublicKeys {
  const text = readSetting(env, 'BATON_CHECKPOINT_PUBLIC_KEYS');
  if (text === undefined) return new Map();
  try {
    return readPublicKeys(text);
  } catch {
    throw new Unusable('BATON_CHECKPOINT_PUBLIC_KEYS: Ed25519 public keys, as PEM or base64, one after another.');
  }
}
