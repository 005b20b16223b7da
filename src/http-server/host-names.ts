import { isIP } from 'node:net';

/** Whether a request's `Host` names us. */
export type IsOurHost = (host: string | undefined) => boolean;

/**
 * Addresses, `localhost` and the given names are ours, with or without a port. A page of another site that lets its own name point here (DNS rebinding)
 * sends that name, and so reads nothing of what is answered without a signature.
 */
export function ourHosts(names: readonly string[]): IsOurHost {
  const ours = new Set(['localhost', ...names.map((name) => hostName(name) ?? '')]);
  ours.delete('');
  return (host) => {
    const name = host === undefined ? undefined : hostName(host);
    return name !== undefined && (isIP(name) !== 0 || ours.has(name));
  };
}

/** Of `NAME`, `NAME:PORT` and `[ADDRESS]:PORT`, in small letters; `undefined` for what has none of these forms. */
function hostName(host: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/.exec(host.toLowerCase()) ?? [];
  return bracketed ?? plain?.replace(/\.$/, '');
}
