import type { ReferenceModel } from './reference-model.ts';

/** What the volumes may hold, by what guests wrote and what snapshots were taken: anything else would be another one's bytes. */
export interface KnownContents {
  /** How many bytes of a volume, from its beginning, are compared. */
  readonly bytes: number;
  /** Bytes that were read and that nobody who had the volume, or the snapshot that it was made from, ever wrote. */
  readonly foreignBytes: number;
  /** Writes by way of `write`, which may fail as an input or output error and has changed nothing then. */
  write(volumeId: string, text: string, write: (data: Buffer) => void): void;
  /** What is wrong with what was read; `undefined` when nothing is. */
  judge(model: ReferenceModel, volumeId: string, read: Buffer): string | undefined;
}

const bytes = 8_192;

export function expectedContents(): KnownContents {
  /** Everything that a guest ever wrote to a volume, and the last of it. */
  const written = new Map<string, { readonly all: Set<string>; last: string }>();
  let foreignBytes = 0;

  const textOf = (read: Buffer): string => read.toString('latin1').replace(/\0+$/, '');
  /** The texts that a volume may have from its beginning on: those of the volumes that its snapshot goes back to. */
  const origins = (model: ReferenceModel, snapshotId: string | undefined): readonly string[] => {
    const snapshot = model.snapshots.get(snapshotId ?? '');
    if (snapshot === undefined) {
      return [];
    }
    if (snapshot.copyOf !== undefined) {
      return origins(model, snapshot.copyOf);
    }
    return textsOf(model, snapshot.volumeId);
  };
  const textsOf = (model: ReferenceModel, volumeId: string): readonly string[] => {
    const source = model.sources.get(volumeId);
    return [
      '',
      ...(written.get(volumeId)?.all ?? []),
      ...origins(model, model.origins.get(volumeId)),
      ...(source === undefined ? [] : textsOf(model, source)),
    ];
  };

  return {
    bytes,
    get foreignBytes() {
      return foreignBytes;
    },
    write(volumeId, text, write) {
      const data = Buffer.from(text.padEnd(64, '.'));
      try {
        write(data);
      } catch {
        return;
      }
      const known = written.get(volumeId) ?? { all: new Set<string>(), last: '' };
      known.last = textOf(data);
      known.all.add(known.last);
      written.set(volumeId, known);
    },
    judge(model, volumeId, read) {
      const text = textOf(read);
      const own = written.get(volumeId);
      if (own !== undefined) {
        return text === own.last ? undefined : `${volumeId} holds "${text}", and its guest wrote "${own.last}"`;
      }
      const snapshotId = model.origins.get(volumeId) ?? model.sources.get(volumeId);
      const allowed = textsOf(model, volumeId);
      if (allowed.includes(text)) {
        return undefined;
      }
      foreignBytes += Buffer.byteLength(text, 'latin1');
      return `${volumeId} holds "${text}", which nobody wrote who had it or ${snapshotId ?? 'anything before'}`;
    },
  };
}
