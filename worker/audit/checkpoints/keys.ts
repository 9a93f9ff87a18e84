/**
 * Keys of checkpoints: Ed25519. The private one signs, in workers alone; who verifies has public ones, and all that were ever
 * used, so that a key can be replaced by another and what the old one has signed still holds. A key's id is made of the key.
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

export interface Signer {
  keyId: string;
  /** Hex. */
  sign(text: string): string;
}

/** By their ids. */
export type PublicKeys = ReadonlyMap<string, KeyObject>;

/** `text`: PKCS #8, as PEM (`openssl genpkey -algorithm ed25519`) or its base64 alone. Throws where it is no such key. */
export function readSigner(text: string): Signer {
  const key = createPrivateKey({ key: derOf(text), format: 'der', type: 'pkcs8' });
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('The key is not of the kind Ed25519.');
  return {
    keyId: keyIdOf(createPublicKey(key)),
    sign: (signed) => sign(null, Buffer.from(signed, 'utf8'), key).toString('hex'),
  };
}

/** `text`: SPKI, as PEM (`openssl pkey -pubout`) or base64, one after another. Throws where one is no such key. */
export function readPublicKeys(text: string): PublicKeys {
  const bodies = text
    .split(/-----[A-Z ]+-----/)
    .flatMap((part) => (text.includes('-----') ? [part.replace(/\s+/g, '')] : part.split(/[\s,]+/)))
    .filter((body) => body !== '');
  return new Map(
    bodies.map((body) => {
      const key = createPublicKey({ key: Buffer.from(body, 'base64'), format: 'der', type: 'spki' });
      if (key.asymmetricKeyType !== 'ed25519') throw new Error('The key is not of the kind Ed25519.');
      return [keyIdOf(key), key];
    }),
  );
}

export function isSignedBy(key: KeyObject, text: string, signature: string): boolean {
  return verify(null, Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'hex'));
}

function keyIdOf(key: KeyObject): string {
  const spki = key.export({ format: 'der', type: 'spki' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 16);
}

const derOf = (text: string): Buffer => Buffer.from(text.replace(/-----[A-Z ]+-----|\s+/g, ''), 'base64');
