/** Certificates for one test: an authority, a server's for 127.0.0.1, and a client's. Made by openssl, good for a day. */
import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Paths of PEM files. */
export interface Certificate {
  cert: string;
  key: string;
}

export interface Certificates {
  dir: string;
  /** Of the authority that has signed both. */
  ca: string;
  /** Of another authority, which has signed nothing. */
  otherCa: string;
  server: Certificate;
  client: Certificate;
}

const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];

export async function createCertificates(): Promise<Certificates> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-tls-'));
  const at = (name: string): Certificate => ({ cert: join(dir, `${name}.pem`), key: join(dir, `${name}.key`) });
  const authority = async (name: string): Promise<Certificate> => {
    const { cert, key } = at(name);
    await run('openssl', ['req', '-x509', ...fresh, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert]);
    return { cert, key };
  };
  const ca = await authority('authority');
  const other = await authority('other');
  const signed = async (name: string): Promise<Certificate> => {
    const { cert, key } = at(name);
    const [request, extensions] = [join(dir, `${name}.csr`), join(dir, `${name}.ext`)];
    await writeFile(extensions, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    await run('openssl', ['req', ...fresh, '-subj', `/CN=${name}`, '-keyout', key, '-out', request]);
    const signing = ['-CA', ca.cert, '-CAkey', ca.key, '-CAcreateserial', '-days', '1', '-extfile', extensions];
    await run('openssl', ['x509', '-req', '-in', request, ...signing, '-out', cert]);
    return { cert, key };
  };
  return { dir, ca: ca.cert, otherCa: other.cert, server: await signed('server'), client: await signed('client') };
}
