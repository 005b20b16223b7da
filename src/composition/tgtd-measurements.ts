import { descriptorsOf } from '../drivers/command/tgtd-descriptors.ts';
import type { Measurement } from '../telemetry/measurement.ts';

/** Of the tgtds on this machine, by the control sockets of the volume servers. One of which nothing can be told has no samples. */
export function tgtdMeasurements(controlSockets: ReadonlyMap<string, string>): readonly Measurement[] {
  return [
    {
      name: 'vbs_tgtd_descriptors',
      help: 'File descriptors of the tgtds on this machine: those that are open, and the limit. An export or a session takes one.',
      kind: 'gauge',
      labels: ['volume_server', 'state'],
      read: () =>
        [...controlSockets].flatMap(([server, controlSocket]) => {
          const descriptors = descriptorsOf(controlSocket);
          if (descriptors === undefined) return [];
          return (['open', 'limit'] as const).map((state) => ({ labels: { volume_server: server, state }, value: descriptors[state] }));
        }),
    },
  ];
}
