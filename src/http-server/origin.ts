import { BlockList, isIP } from 'node:net';

/** Where a request or a connection comes from. */
export interface Origin {
  /** Of the client, as far as it is known; for the log. */
  readonly address: string;
  /** What counts as one place: an IPv4 address, and of IPv6 the /64 that a single machine has to itself. */
  readonly network: string;
  /** It stands for many: this machine itself, or a proxy that does not say for whom it asks. Nothing that one of them does may be held against all. */
  readonly isShared: boolean;
}

export interface Origins {
  ofPeer(remoteAddress: string | undefined): Origin;
  /** Of a request on a connection from `peer`: with a trusted proxy, whom that asks for. */
  ofRequest(peer: Origin, forwardedFor: string | undefined): Origin;
}

/**
 * `trustedProxies`: addresses, or networks as `192.0.2.0/24`. Of `X-Forwarded-For`, to which every proxy adds at the end, the last address counts that is no
 * trusted proxy's: whatever stands before it, anyone can have written. Without a trusted proxy the header means nothing.
 */
export function createOrigins(trustedProxies: readonly string[]): Origins {
  const proxies = new BlockList();
  for (const each of trustedProxies) {
    const [address = '', prefix] = each.split('/');
    if (prefix === undefined) proxies.addAddress(address, familyOf(address));
    else proxies.addSubnet(address, Number(prefix), familyOf(address));
  }
  const isProxy = (address: string) => trustedProxies.length > 0 && isIP(address) !== 0 && proxies.check(address, familyOf(address));
  const originOf = (address: string): Origin => ({
    address,
    network: networkOf(address),
    isShared: isLoopback(address) || isProxy(address) || address === '',
  });
  return {
    ofPeer: (remoteAddress) => originOf(plainAddress(remoteAddress ?? '')),
    ofRequest(peer, forwardedFor) {
      if (forwardedFor === undefined || !isProxy(peer.address)) return peer;
      for (const text of forwardedFor.split(',').reverse()) {
        const address = plainAddress(text.trim());
        if (isIP(address) === 0) return peer;
        if (!isProxy(address)) return originOf(address);
      }
      return peer;
    },
  };
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** A socket that listens on both families has IPv4 peers as `::ffff:192.0.2.1`. */
function plainAddress(address: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice('::ffff:'.length) : address;
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
}

function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [plain = ''] = address.toLowerCase().split('%');
  const [head = '', tail] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  // Only the first four of eight groups matter, and what `::` stands for is zeros.
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const filled = [...groups, ...Array.from({ length: missing }, () => '0'), ...(tail ?? '').split(':')];
  return `${filled
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
