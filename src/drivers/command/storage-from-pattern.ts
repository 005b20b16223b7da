import { DriverError } from '../driver-error.ts';
import type { CommandRecord } from '../thing.ts';
import { type BackendContext, commandRunner } from './command-runner.ts';
import type { VolumeServerPattern } from './pattern.ts';
import type { Storage, StorageMemory } from './storage.ts';
import { fill } from './template.ts';
import { listNow, readRows } from './thing-from-pattern.ts';

type StoragePattern = NonNullable<VolumeServerPattern['storage']>;

/** `undefined` for a backend that does not tell its storage from others. `context` is that of a host that need not be prepared. */
export function storageFromPattern(pattern: VolumeServerPattern, context: BackendContext, memory: StorageMemory): Storage | undefined {
  const { storage } = pattern;
  if (storage === undefined) return undefined;
  const looker = createLooker(pattern, storage, context, memory);
  let trusted: string | undefined;
  let underWay: Promise<Seen> | undefined;
  const look = (): Promise<Seen> => {
    underWay ??= looker()
      .then(
        (seen) => {
          trusted = seen.id;
          return seen;
        },
        (cause: unknown) => {
          if (cause instanceof OtherStorage) trusted = undefined;
          throw cause;
        },
      )
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  };
  return {
    id: async () => trusted ?? (await look()).id,
    check: async () => (await look()).records,
  };
}

interface Seen {
  readonly id: string;
  readonly records: readonly CommandRecord[];
}

class OtherStorage extends DriverError {
  constructor(message: string, commands: readonly CommandRecord[]) {
    super('unavailable', message, { retryable: true, commands });
  }
}

function createLooker(
  pattern: VolumeServerPattern,
  storage: StoragePattern,
  context: BackendContext,
  memory: StorageMemory,
): () => Promise<Seen> {
  const run = commandRunner(pattern, context);
  const name = `${fill(storage.name, context.settings)} on ${context.host.name}`;
  const next = `${storage.remedy}. If it is to be used from now on all the same: vbs storage accept ${context.host.name}`;
  const records: CommandRecord[] = [];

  return async () => {
    records.length = 0;
    const recalled = await memory.recall();
    const found = await lookNow();
    if (recalled.state === 'known') {
      if (found.includes(recalled.id)) return { id: recalled.id, records: [...records] };
      throw other(
        `is ${found.length === 0 ? 'without the mark' : `${found.join(' and ')} instead`} of the one that is known here, ${recalled.id}`,
      );
    }
    if (found.length > 1) throw other(`is marked as several: ${found.join(', ')}`);
    if (recalled.state === 'nothing') await requireWhatIsExpected();
    const id = found[0] ?? (await mark());
    await memory.remember(id);
    return { id, records: [...records] };
  };

  function other(how: string): OtherStorage {
    return new OtherStorage(`${name} ${how}. Nothing is made, removed or looked for there. ${next}`, [...records]);
  }

  async function lookNow(): Promise<readonly string[]> {
    try {
      const { rows, commands } = await readRows(storage.look, run, {});
      records.push(...commands);
      return rows.flatMap((row) => row[storage.look.id] ?? []);
    } catch (cause) {
      if (!(cause instanceof DriverError) || cause.kind !== 'refused') throw cause;
      throw new DriverError('unavailable', `${name} cannot be told from another one: ${cause.message}`, {
        retryable: true,
        commands: cause.commands,
        cause,
      });
    }
  }

  /** That the database knows volumes of a storage of which it remembers nothing is so after an upgrade; they are there then. */
  async function requireWhatIsExpected(): Promise<void> {
    const expected = await memory.expected();
    if (expected.length === 0) return;
    const listed = new Set([...(await namesIn(pattern.volume)), ...(await namesIn(pattern.snapshot))]);
    if (expected.some((id) => listed.has(id))) return;
    throw other(
      `has none of the ${expected.length} volumes and snapshots that the database has there (${expected.slice(0, 3).join(', ')})`,
    );
  }

  async function namesIn(thing: VolumeServerPattern['volume']): Promise<readonly string[]> {
    try {
      const { value, commands } = await listNow(thing.list, run);
      records.push(...commands);
      return value.map((listed) => listed.name);
    } catch (cause) {
      if (!(cause instanceof DriverError) || cause.kind !== 'refused') throw cause;
      records.push(...cause.commands);
      return [];
    }
  }

  async function mark(): Promise<string> {
    if (storage.make === undefined) throw other('says nothing that tells it from another one');
    const storageId = memory.newId();
    records.push(...(await run(storage.make.commands, { storageId })).records);
    if (!(await lookNow()).includes(storageId)) throw other('does not keep the mark that it was given');
    return storageId;
  }
}
