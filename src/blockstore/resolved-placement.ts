import { Failure } from '../model/failure.ts';
import type { InstanceId } from '../model/ids.ts';
import type { Placement } from '../model/placement.ts';
import type { InstanceResolver } from '../resolvers/cloud-resolver.ts';

/** Where the instance is; throws the failure that says why that is not known. `fresh`: asked anew, for what is done there now. */
export async function resolvedPlacement(
  resolver: InstanceResolver,
  instanceId: InstanceId,
  options?: { readonly fresh: boolean },
): Promise<Placement> {
  const resolution = await resolver.resolve(instanceId, options);
  switch (resolution.outcome) {
    case 'resolved':
      return resolution.placement;
    case 'not-known':
      throw new Failure({ kind: 'instance-not-found', instanceIds: [instanceId] });
    case 'not-placed':
      throw new Failure({ kind: 'instance-not-running', instanceId }, { cause: resolution.reason });
    case 'not-authorised':
      throw new Failure({ kind: 'instance-not-authorised', instanceId }, { cause: resolution.reason });
    case 'contradicted':
      throw new Failure(
        { kind: 'instance-contradicted', instanceId, resolvers: resolution.claims.map((claim) => claim.resolver) },
        { cause: resolution.claims },
      );
    case 'unavailable':
      throw new Failure({ kind: 'resolver-unavailable', instanceId, resolver: resolver.name }, { cause: resolution.reason });
  }
}
