/**
 * How every process finds Temporal: on this host, on an outside cluster by (mutual) TLS, or on Temporal Cloud by an API key.
 * The variables are those that Temporal's own tools read (docs.temporal.io/references/client-environment-configuration);
 * as for all of ours, `NAME_FILE` names a file with the value.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Env, readSettings } from './settings.ts';

export interface TemporalServer {
  /** host:port */
  address: string;
  namespace: string;
  /** As bearer, with every call. */
  apiKey?: string;
  /** Absent: without TLS, for a server that only we reach. */
  tls?: TemporalTls;
}

/** Named as the SDK's options; PEM. */
export interface TemporalTls {
  /** Of the server's authority; absent: those that the system trusts. */
  serverRootCACertificate?: Buffer;
  /** Ours, where the server asks for one. */
  clientCertPair?: { crt: Buffer; key: Buffer };
  /** Who the server's certificate has to name, where that is not the address's host. */
  serverNameOverride?: string;
}

export const temporalSettings = {
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  TEMPORAL_API_KEY: z.string().min(1).optional(),
  /** `true` where nothing below is set and the server has a certificate that the system trusts. An API key implies it. */
  TEMPORAL_TLS: z.enum(['true', 'false']).optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: z.string().min(1).optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: z.string().min(1).optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: z.string().min(1).optional(),
  TEMPORAL_TLS_SERVER_NAME: z.string().min(1).optional(),
};
const schema = z.object(temporalSettings);
type Settings = z.output<typeof schema>;

/** Throws where the settings contradict each other, or name a file that can't be read; never with a value. */
export function temporalServer(address: string, settings: Settings): TemporalServer {
  const { TEMPORAL_NAMESPACE: namespace, TEMPORAL_API_KEY: apiKey } = settings;
  const tls = tlsOf(settings);
  return { address, namespace, ...(apiKey !== undefined && { apiKey }), ...(tls && { tls }) };
}

/** For whoever needs nothing else: the `baton` command. */
export function readTemporalServer(env: Env, address: string): TemporalServer {
  return temporalServer(address, readSettings(schema, env));
}

function tlsOf(settings: Settings): TemporalTls | null {
  const {
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: ca,
    TEMPORAL_TLS_CLIENT_CERT_PATH: cert,
    TEMPORAL_TLS_CLIENT_KEY_PATH: key,
    TEMPORAL_TLS_SERVER_NAME: serverName,
  } = settings;
  const wanted =
    settings.TEMPORAL_TLS === 'true' || [settings.TEMPORAL_API_KEY, ca, cert, key, serverName].some(Boolean);
  if (!wanted) return null;
  if (settings.TEMPORAL_TLS === 'false') {
    throw new Error('TEMPORAL_TLS is false, but an API key or something of TLS is set: they need it.');
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error('TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH go together: set both, or none.');
  }
  return {
    ...(ca !== undefined && { serverRootCACertificate: pem('TEMPORAL_TLS_SERVER_CA_CERT_PATH', ca) }),
    ...(cert !== undefined &&
      key !== undefined && {
        clientCertPair: {
          crt: pem('TEMPORAL_TLS_CLIENT_CERT_PATH', cert),
          key: pem('TEMPORAL_TLS_CLIENT_KEY_PATH', key),
        },
      }),
    ...(serverName !== undefined && { serverNameOverride: serverName }),
  };
}

function pem(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new Error(`${name} names a file that can't be read.`);
  }
}
