import type { Json } from '../../model/json.ts';

/** The hosts that an operation works on, as its input names them. An operation that an earlier version began may name none. */
export type OperationHosts = {
  readonly volumeServer?: string;
  /** Those whose VMs are concerned. */
  readonly vmmHosts?: readonly string[];
};

/** Whatever kind of operation the input is of. */
export function hostsOf(input: Json): OperationHosts {
  return typeof input === 'object' && input !== null && !Array.isArray(input) ? (input as OperationHosts) : {};
}
