import type { ExplainedCommand } from '../command/explained-driver.ts';
import type { Vmm } from '../vmm.ts';
import { partNamesOf, serialOf } from './disk-parts.ts';

/** QEMU's driver as `explainedVmm` is one of a pattern: what it would say to a VM's monitor, said to nobody. */
export function explainedQemuVmm({
  host,
  qmpSocket,
  say,
}: {
  readonly host: string;
  readonly qmpSocket: string;
  say(command: ExplainedCommand): void;
}): Vmm {
  const made = new Set<string>();
  const tell = (verb: string, domain: string, ...commands: readonly (readonly string[])[]) => {
    for (const command of commands) say({ host, verb, argv: ['qmp', qmpSocket.replaceAll('{domain}', domain), ...command] });
  };
  const look = (domain: string) =>
    tell('disk.look', domain, ['qom-list', '/objects'], ['query-named-block-nodes'], ['qom-list', '/machine/peripheral']);
  const keyOf = ({ domain, volumeId }: { readonly domain: string; readonly volumeId: string }) => `${domain}:${volumeId}`;
  return {
    takes: 'export',
    disk: {
      async look(spec) {
        look(spec.domain);
        return { value: made.has(keyOf(spec)) ? { state: 'present', facts: {} } : { state: 'absent' }, commands: [] };
      },
      async make(spec) {
        const { secret, node, device } = partNamesOf(spec.volumeId);
        const { source } = spec;
        look(spec.domain);
        if (made.has(keyOf(spec)) || source.kind !== 'export') return [];
        const login = [`portal=${source.portal}`, `target=${source.target}`, `lun=${source.lun}`, `initiator-name=${source.initiatorName}`];
        tell(
          'disk.make',
          spec.domain,
          ['object-add', 'secret', `id=${secret}`, 'data=<chapSecret>'],
          ['blockdev-add', `node-name=${node}`, 'driver=iscsi', ...login, `user=${source.chapUser}`, `password-secret=${secret}`],
          ['device_add', 'virtio-blk-pci', `id=${device}`, `drive=${node}`, `serial=${serialOf(spec.volumeId)}`],
        );
        made.add(keyOf(spec));
        return [];
      },
      async unmake(spec) {
        const { secret, node, device } = partNamesOf(spec.volumeId);
        tell(
          'disk.unmake',
          spec.domain,
          ['device_del', `id=${device}`],
          ['blockdev-del', `node-name=${node}`],
          ['object-del', `id=${secret}`],
        );
        made.delete(keyOf(spec));
        return [];
      },
      list: async () => ({ value: [], commands: [] }),
    },
    async domain(domain) {
      tell('domain.look', domain, ['query-status'], ['query-uuid']);
      return { value: { state: 'running', uuid: '<uuid>' }, commands: [] };
    },
  };
}
