import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { briefStorageMemory } from '../../src/composition/storage-memory.ts';
import type { BackendContext } from '../../src/drivers/command/command-runner.ts';
import { localEnvironment } from '../../src/drivers/command/local-host.ts';
import type { CommandLinePattern } from '../../src/drivers/command/pattern.ts';
import type { StorageMemory } from '../../src/drivers/command/storage.ts';
import { contextHere, withStorage } from '../contract/shipped-backend.ts';

const program = fileURLToPath(new URL('./fake-lvm/lvm', import.meta.url));
const commands = [
  'lvs',
  'vgs',
  'vgchange',
  'lvcreate',
  'lvchange',
  'lvconvert',
  'lvremove',
  'lvrename',
  'blkdiscard',
  'blockdev',
  'ionice',
];

/** Where the scripts put their locks. */
const lockFolder = '/run/lock';

type SetInGroup = 'uuid' | 'free' | 'overflow' | 'pool' | 'open' | 'lies' | 'form';

/** A volume group of files, below the real scripts of the backends; by root only, since it is in /dev. */
export interface FakeVolumeGroup {
  readonly name: string;
  /** A backend's surroundings in which LVM's commands are the fake ones. */
  context(pattern: CommandLinePattern, settings?: Readonly<Record<string, unknown>>, memory?: StorageMemory): BackendContext;
  /** `uuid`, `free` (bytes), `overflow`, `pool`, `open`, `lies`, `form`: see the program. */
  set(what: SetInGroup, text: string): void;
  unset(what: SetInGroup): void;
  /** Bytes that no logical volume has. */
  free(): number;
  /** Where a logical volume's bytes are. */
  path(name: string): string;
  /** The names of the logical volumes, sorted. */
  logicalVolumes(): readonly string[];
  remove(): void;
}

/** `undefined` when /dev cannot be written. */
export function fakeVolumeGroup(): FakeVolumeGroup | undefined {
  const name = `vbs-fake-${process.pid}`;
  const folder = join('/dev', name);
  const state = `${folder}.state`;
  try {
    mkdirSync(folder);
    mkdirSync(state);
  } catch {
    return undefined;
  }
  const path = mkdtempSync(join(tmpdir(), 'vbs-fake-lvm-'));
  for (const command of commands) {
    symlinkSync(program, join(path, command));
  }
  return {
    name,
    context(pattern, settings = {}, memory = undefined) {
      const context = contextHere(pattern, { volumeGroup: name, ...settings });
      const { host } = context;
      const env = { PATH: `${path}:${localEnvironment.PATH}` };
      const faked: BackendContext = {
        ...context,
        host: { ...host, run: (command) => host.run({ ...command, env: { ...command.env, ...env } }) },
      };
      return pattern.kind === 'volume-server' ? withStorage(pattern, faked, memory ?? briefStorageMemory(randomUUID)) : faked;
    },
    set: (what, text) => writeFileSync(join(state, what), text),
    unset: (what) => rmSync(join(state, what), { force: true }),
    free: () => Number(readFileSync(join(state, 'free'), 'utf8')),
    path: (logicalVolume) => join(folder, logicalVolume),
    logicalVolumes: () => readdirSync(folder).sort(),
    remove() {
      const locks = readdirSync(lockFolder).filter((file) => file.startsWith(`vbs-lvm-${name}-`));
      for (const each of [folder, state, path, ...locks.map((file) => join(lockFolder, file))]) {
        rmSync(each, { recursive: true, force: true });
      }
    },
  };
}
