import type { SagaDefinition } from '../../saga/definition.ts';
import { attachVolumeSaga } from './attach-volume.ts';
import { copySnapshotSaga } from './copy-snapshot.ts';
import { copyVolumeSaga } from './copy-volume.ts';
import { createSnapshotSaga } from './create-snapshot.ts';
import { createVolumeSaga } from './create-volume.ts';
import { deleteSnapshotSaga } from './delete-snapshot.ts';
import { deleteVolumeSaga } from './delete-volume.ts';
import { detachVolumeSaga } from './detach-volume.ts';
import { modifyVolumeSaga } from './modify-volume.ts';
import { reconcileSiteSaga } from './reconcile-site.ts';
import { restoreAttachmentSaga } from './restore-attachment.ts';
import type { SagaDependencies } from './saga-dependencies.ts';

export function allSagas(dependencies: SagaDependencies): readonly SagaDefinition[] {
  return [
    createVolumeSaga(dependencies),
    copyVolumeSaga(dependencies),
    deleteVolumeSaga(dependencies),
    modifyVolumeSaga(dependencies),
    createSnapshotSaga(dependencies),
    copySnapshotSaga(dependencies),
    deleteSnapshotSaga(dependencies),
    attachVolumeSaga(dependencies),
    detachVolumeSaga(dependencies),
    restoreAttachmentSaga(dependencies),
    reconcileSiteSaga(dependencies),
  ];
}
