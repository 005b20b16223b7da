import type { AccessSpec, ExportFacts, ExportSpec, Login } from '../../drivers/export-server.ts';
import type { SessionFacts, SessionSpec } from '../../drivers/initiator.ts';
import type { DiskSource, DiskSpec } from '../../drivers/vmm.ts';
import type { StoredFacts, VolumeSpec } from '../../drivers/volume-server.ts';
import { bytesOfGiB } from '../../model/size.ts';
import type { AttachmentPlan } from '../../store/store.ts';

// The things of an attachment, told from its plan: attach makes them in this order, detach takes them away in the reverse one.

export function volumeSpec({ volumeId, sizeGiB }: AttachmentPlan): VolumeSpec {
  return { volumeId, bytes: bytesOfGiB(sizeGiB) };
}

export function exportSpec(plan: AttachmentPlan, { path, bytes }: StoredFacts): ExportSpec {
  return { volumeId: plan.volumeId, target: plan.target, path, bytes, readOnly: plan.readOnly };
}

/** `sharers`: the volume's other attachments, which keep their access. */
export function accessSpec(plan: AttachmentPlan, sharers: readonly AttachmentPlan[]): AccessSpec {
  const besides = sharers.map(({ initiatorName, chapUser }) => ({ initiatorName, chapUser }));
  return { ...loginOf(plan), readOnly: plan.readOnly, besides };
}

export function sessionSpec(plan: AttachmentPlan, { bytes }: StoredFacts, { portal, lun }: ExportFacts): SessionSpec {
  return { volumeId: plan.volumeId, bytes, portal, lun, ...loginOf(plan) };
}

export function diskSpec(plan: AttachmentPlan, { bytes }: StoredFacts, source: DiskSource): DiskSpec {
  return { domain: plan.domain, volumeId: plan.volumeId, device: plan.device, bytes, readOnly: plan.readOnly, source };
}

/** A VMM with an initiator of its own is given the export, any other the device of its host's session. */
export function diskSource(plan: AttachmentPlan, { portal, lun }: ExportFacts, session: SessionFacts | null): DiskSource {
  return session === null ? { kind: 'export', portal, lun, ...loginOf(plan) } : { kind: 'device', path: session.devicePath };
}

function loginOf({ target, initiatorName, chapUser, chapSecret }: AttachmentPlan): Login {
  return { target, initiatorName, chapUser, chapSecret };
}
