import { hostname } from 'node:os';
import { defaultEndpointLimits, type EndpointLimits } from '../ec2-query-api/endpoint.ts';
import type { Settings } from '../settings/settings.ts';

/** What those may take who reach the port, as the settings have it. */
export function endpointLimits({ limits: { connections, connectionsPerAddress, heldMiB, failedProofs } }: Settings): EndpointLimits {
  const { different, withinSeconds, refusedSeconds } = failedProofs;
  return {
    ...defaultEndpointLimits,
    ...{ connections, connectionsPerAddress, heldBytes: heldMiB * 1_048_576 },
    failedProofs: { different, windowMs: withinSeconds * 1_000, refusedMs: refusedSeconds * 1_000 },
  };
}

/** By which this machine is asked for what it tells anybody. */
export function namesOfHost({ hostNames, publicEndpoint }: Settings, listenHost: string): readonly string[] {
  return [...hostNames, hostname(), listenHost, ...(publicEndpoint === undefined ? [] : [publicEndpoint])];
}
