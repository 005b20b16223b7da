import type { Host } from './host.ts';

/** A host that may be started anew while the service runs. */
export interface BootedHost extends Host {
  /** Names the boot that the host is in. Throws DriverError `unavailable` when it cannot be reached. */
  bootId(): Promise<string>;
}

/** A host on which something has to be done before the first command. */
export interface PreparedHost extends Host {
  /** Does it, unless it was done since the host's last boot. Throws DriverError when it cannot; the next command tries it again. */
  prepare(): Promise<void>;
}

/** Puts `prepare` before the first command on a host, before each further one until it has worked, and before the first one after each boot of the host. */
export function preparedHost(host: BootedHost, prepare: () => Promise<void>): PreparedHost {
  let latest: { readonly bootId: string; readonly done: Promise<void> } | undefined;
  const ensurePrepared = async (): Promise<void> => {
    const bootId = await host.bootId();
    if (latest?.bootId !== bootId) {
      const attempt = { bootId, done: prepare() };
      latest = attempt;
      attempt.done.catch(() => {
        if (latest === attempt) latest = undefined;
      });
    }
    await latest.done;
  };
  return {
    name: host.name,
    prepare: ensurePrepared,
    async run(command) {
      await ensurePrepared();
      return host.run(command);
    },
  };
}
