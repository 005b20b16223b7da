import type { SnapshotId, VolumeId } from '../model/ids.ts';
import type { JournalEntry, OperatorStatement } from '../saga/journal.ts';
import type { Operation } from '../saga/operation.ts';
import type { Reach, Release } from '../store/store.ts';
import type { AttachVolumeInput } from './sagas/attach-volume.ts';
import type { CopySnapshotInput } from './sagas/copy-snapshot.ts';
import type { CreateSnapshotInput } from './sagas/create-snapshot.ts';
import type { CreateVolumeInput } from './sagas/create-volume.ts';
import type { DetachVolumeInput } from './sagas/detach-volume.ts';

/** What becomes of the resource of an operation that is abandoned, by its kind and by how far its journal says that it came. */
export function releaseOf(
  { id, kind, input }: Operation,
  journal: readonly JournalEntry[],
  { by, statement = '' }: OperatorStatement,
): Release {
  const inError = `Operation ${id} was abandoned by the operator. Delete what is left.`;
  switch (kind) {
    case 'attach-volume':
    case 'detach-volume': {
      const { attachmentId } = input as AttachVolumeInput | DetachVolumeInput;
      const reach = kind === 'attach-volume' ? reachIn(journal, input as AttachVolumeInput) : undefined;
      return {
        what: 'attachment',
        attachmentId,
        shown: `Operation ${id} was abandoned by the operator. The volume is barred until the operator has cleared it.`,
        barred: `${kind} ${id} was abandoned by ${by}: ${statement}`,
        ...(reach && { reach }),
      };
    }
    case 'create-volume':
    case 'copy-volume':
    case 'delete-volume':
      return { what: 'volume', volumeId: (input as CreateVolumeInput).volumeId, shown: inError };
    case 'create-snapshot':
    case 'copy-snapshot':
    case 'delete-snapshot':
      return { what: 'snapshot', snapshotId: (input as CreateSnapshotInput | CopySnapshotInput).snapshotId as SnapshotId, shown: inError };
    case 'modify-volume':
      return {
        what: 'modification',
        volumeId: (input as { readonly volumeId: VolumeId }).volumeId,
        shown: `Operation ${id} was abandoned by the operator. Modifying the volume again goes on from where it is.`,
      };
    default:
      return { what: 'nothing' };
  }
}

/** By which way an attachment is reached as far as it was made; `undefined` when there was no export yet, so that nothing could be behind one. */
function reachIn(journal: readonly JournalEntry[], { domainUuid }: AttachVolumeInput): Reach | undefined {
  const outputs = new Map(
    journal.filter(({ direction, outcome }) => direction === 'do' && outcome === 'done').map(({ step, output }) => [step, output]),
  );
  const stored = outputs.get('volume') as Pick<Reach, 'path' | 'bytes'> | undefined;
  const exported = outputs.get('export') as Pick<Reach, 'portal' | 'lun'> | undefined;
  const session = outputs.get('session') as Pick<Reach, 'devicePath'> | null | undefined;
  return stored && exported && { ...stored, ...exported, ...session, domainUuid };
}
