import { statSync } from 'node:fs';
import type { AccountId, InstanceId } from '../model/ids.ts';
import type { ListedInstance } from '../resolvers/cloud-resolver.ts';
import { readSettings } from '../settings/read-settings.ts';
import type { Settings } from '../settings/settings.ts';
import type { Log } from '../telemetry/log.ts';

/** The instances of the settings. */
export function listedInstances({ instances }: Settings): readonly ListedInstance[] {
  return instances.map(({ id, vmmHost, domain, account, name, privateIpAddress, publicIpAddress }) => ({
    id: id as InstanceId,
    placement: { vmmHost, domain },
    ...(account !== undefined && { accountId: account as AccountId }),
    ...(name !== undefined && { name }),
    ...(privateIpAddress !== undefined && { privateIpAddress }),
    ...(publicIpAddress !== undefined && { publicIpAddress }),
  }));
}

/**
 * The instances of the settings file as it is now: every call looks whether the file has changed, and reads it again when it has. A file
 * with a mistake in it leaves what there was, and is logged once. Nothing else of the file is taken up but by a start.
 */
export function reloadedInstances(file: string, first: readonly ListedInstance[], log: Log): () => readonly ListedInstance[] {
  let instances = first;
  let seen = stampOf(file);
  return () => {
    const now = stampOf(file);
    if (now !== seen) {
      seen = now;
      try {
        instances = listedInstances(readSettings(file).value);
        log.info({ file, instances: instances.length }, 'the list of instances was read again');
      } catch (cause) {
        log.error({ file, err: cause }, 'the settings have changed and cannot be used; the instances are those from before');
      }
    }
    return instances;
  };
}

/** Editors exchange the file, so its inode belongs to it. */
function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 'missing' : `${found.mtimeMs} ${found.size} ${found.ino}`;
}
