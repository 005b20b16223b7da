import type { Host } from './host.ts';

/** A host on which something has to be done before the first command. */
export interface PreparedHost extends Host {
  /** Does it, unless it was done. Throws DriverError when it cannot; the next command tries it again. */
  prepare(): Promise<void>;
}

/** Puts `prepare` before the first command of a host, and before each further one until it has worked. So the host need not be there yet. */
export function preparedHost(host: Host, prepare: () => Promise<void>): PreparedHost {
  let prepared: Promise<void> | undefined;
  const once = (): Promise<void> => {
    prepared ??= prepare().catch((cause: unknown) => {
      prepared = undefined;
      throw cause;
    });
    return prepared;
  };
  return {
    name: host.name,
    prepare: once,
    async run(command) {
      await once();
      return host.run(command);
    },
  };
}
