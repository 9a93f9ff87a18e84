/**
 * How the worker reaches channels, bots and desks. Their addresses are the accounts' choice; where accounts are not one's
 * own, `publicOnly` keeps them off this host and its networks. What counts is the address that would be connected to,
 * whatever name leads there, and whatever it led to when it was saved.
 */
import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';

/** Connections to one place, at most. */
const connections = 64;

export function createOutside({ publicOnly }: { publicOnly: boolean }): Agent {
  return new Agent(publicOnly ? { connections, connect: connectToPublic() } : { connections });
}

/** Adapters read the code as a failure for good (`adapters/outcomes.ts`). */
class NotPublic extends Error {
  readonly code = 'ENOTPUBLIC';
}

function connectToPublic(): buildConnector.connector {
  const connect = buildConnector({ lookup: lookupPublic });
  return (options, callback) => {
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1');
    // What is an address already is never looked up.
    if (isIP(host) !== 0 && !isPublic(host)) callback(new NotPublic(), null);
    else connect(options, callback);
  };
}

const lookupPublic: LookupFunction = (name, options, callback) => {
  lookup(name, { ...options, all: true }, (error, found) => {
    const [first, ...more] = (found ?? []).filter(({ address }) => isPublic(address));
    if (error || first === undefined) callback(error ?? new NotPublic(), []);
    else if (options.all === true) callback(null, [first, ...more]);
    else callback(null, first.address, first.family);
  });
};

/** Not of this host, of a private network, or of one for special use (RFC 6890), IPv4 within IPv6 included. */
export function isPublic(address: string): boolean {
  return !special.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

const special = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  special.addSubnet(network, bits, 'ipv4');
}
for (const [network, bits] of [
  ['::', 127],
  ['64:ff9b::', 32],
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  special.addSubnet(network, bits, 'ipv6');
}
