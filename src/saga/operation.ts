import type { AccountId, OperationId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';

/**
 * - `running`, `undoing`: under way; whoever holds the claim works on it.
 * - `done`: every step done. `undone`: failed, and every trace taken away. `halted`: a forward-only operation stopped; asking again goes on from there.
 * - `stuck`: an undo failed; nothing moves until the operator has mended the cause and said so.
 * - `abandoned`: the operator ended it where it stood; what it left is barred, or waits in a resource that is in error.
 */
export type OperationState = 'running' | 'undoing' | 'done' | 'undone' | 'halted' | 'stuck' | 'abandoned';

/** The states in which an operation still holds its resource. */
export const openOperationStates = ['running', 'undoing', 'stuck'] as const satisfies readonly OperationState[];

/** A journaled change of several steps. */
export interface Operation {
  readonly id: OperationId;
  /** The name of its saga (`attach-volume`). */
  readonly kind: string;
  /** The version of the saga's definition that began it; a server claims only versions it knows. */
  readonly version: number;
  /** The volume or snapshot it changes; at most one open operation a resource. */
  readonly resourceId: string;
  /** Whose the resource is. Missing of what concerns the whole site, and of operations that are older than accounts of operations. */
  readonly accountId?: AccountId;
  readonly input: Json;
  readonly state: OperationState;
  /** Rises by one with every claim; a write that carries an older one is refused. */
  readonly generation: number;
  /** Why it is not `done`: the first failure, for the operator. */
  readonly failure?: string;
  readonly createdAtMs: number;
  readonly endedAtMs?: number;
}

/** The right to work on an operation, until somebody claims it with a higher generation. */
export interface Claim {
  readonly operationId: OperationId;
  readonly generation: number;
}
