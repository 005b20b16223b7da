import type { ThingKind } from '../thing.ts';

/** Everything that the simulated site can be asked to do. */
export type SimulatedVerb =
  | `${ThingKind}.${'look' | 'make' | 'unmake' | 'list'}`
  | 'volume.copy'
  | 'remains.zero'
  | 'volume.grow'
  | 'export.grow'
  | 'session.grow'
  | 'disk.grow'
  | 'volume.free'
  | 'domain.look';

/**
 * About what the real tools take on a small machine: lvcreate 0.3–0.5 s, tgtadm 0.07 s, iscsiadm login 0.5–0.7 s, xl block-attach 1–3 s,
 * xl block-detach 1.2 s (measured with lvm2 2.03, tgt 1.0.85, open-iscsi 2.1.8 and Xen 4.17).
 */
export const realisticLatencyMs = {
  'volume.look': 100,
  'volume.make': 300,
  'volume.unmake': 400,
  'volume.list': 150,
  'volume.copy': 4_000,
  'volume.grow': 300,
  'volume.free': 100,
  'snapshot.look': 100,
  'snapshot.make': 4_000,
  'snapshot.unmake': 400,
  'snapshot.list': 150,
  'remains.look': 100,
  'remains.make': 0,
  'remains.unmake': 400,
  'remains.list': 150,
  'remains.zero': 600,
  'export.grow': 70,
  'session.grow': 50,
  'disk.grow': 50,
  'export.look': 70,
  'export.make': 200,
  'export.unmake': 200,
  'export.list': 70,
  'access.look': 70,
  'access.make': 140,
  'access.unmake': 140,
  'access.list': 70,
  'session.look': 50,
  'session.make': 600,
  'session.unmake': 300,
  'session.list': 50,
  'disk.look': 100,
  'disk.make': 1_000,
  'disk.unmake': 1_200,
  'disk.list': 150,
  'domain.look': 100,
} as const satisfies Record<SimulatedVerb, number>;
