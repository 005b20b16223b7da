import * as z from 'zod';
import type { Clock } from '../command/clock.ts';
import { findRootPorts } from '../qemu/disk-parts.ts';
import { connectMonitor } from '../qemu/monitor-socket.ts';
import { answerAs } from '../qemu/qmp-answer.ts';
import { withQmp } from '../qemu/qmp-client.ts';
import type { QmpSockets } from '../qemu/qmp-socket-template.ts';
import type { Finding } from './finding.ts';

const uuid = z.object({ UUID: z.string() });
const pciBuses = z.array(
  z.object({
    devices: z.array(
      z.object({
        class_info: z.object({ desc: z.string().optional(), class: z.number() }),
        id: z.object({ vendor: z.number(), device: z.number() }),
      }),
    ),
  }),
);
const noUuid = '00000000-0000-0000-0000-000000000000';
/** The host bridge of q35 (QEMU's hw/pci-host/q35.c): Intel's 82G33. */
const q35Bridge = { vendor: 0x8086, device: 0x29c0 };
const timeoutMs = 10_000;

/** Asks the monitor of every VM of a `qmpSocket` setting, on this machine and as this user, whether a volume could be attached. Changes nothing. */
export async function inspectMonitors(host: string, template: string, sockets: QmpSockets, clock: Clock): Promise<readonly Finding[]> {
  let domains: readonly string[];
  try {
    domains = await sockets.domains();
  } catch {
    const mend = `let the service's user read the folder of ${template}`;
    return [{ host, subject: 'QMP sockets', outcome: 'wrong', found: 'their folder may not be read', mend }];
  }
  if (domains.length === 0) {
    const mend = `start VMs with -qmp unix:${template.replace('{domain}', 'NAME')},server=on,wait=off, or correct "qmpSocket"`;
    return [{ host, subject: 'QMP sockets', outcome: 'warning', found: `none at ${template}`, mend }];
  }
  const findings = await Promise.all(domains.map((domain) => inspectMonitor(host, domain, sockets.socketOf(domain), clock)));
  return findings.flat();
}

async function inspectMonitor(host: string, domain: string, path: string, clock: Clock): Promise<readonly Finding[]> {
  const say = (outcome: Finding['outcome'], found: string, mend?: string): Finding => ({
    host,
    subject: `VM ${domain}`,
    outcome,
    found,
    ...(mend !== undefined && { mend }),
  });
  try {
    const socket = await connectMonitor(path);
    if (socket === undefined) return [say('ok', 'does not run')];
    return await withQmp(socket, { host, clock, timeoutMs, record: () => undefined }, async (qmp) => {
      const [named, buses, ports] = await Promise.all([qmp.execute('query-uuid'), qmp.execute('query-pci'), findRootPorts(qmp)]);
      const isQ35 = answerAs(pciBuses, buses, 'query-pci').some(({ devices }) =>
        devices.some(({ id }) => id.vendor === q35Bridge.vendor && id.device === q35Bridge.device),
      );
      return [
        answerAs(uuid, named, 'query-uuid').UUID === noUuid
          ? say('wrong', 'has no uuid', 'start it with -uuid and a uuid of its own: a VM under a name that was used before is told by it')
          : say('ok', 'answers, and has a uuid'),
        ...(isQ35 && ports.free.length === 0
          ? [
              say(
                'wrong',
                `a q35 machine without a free pcie-root-port (it has ${ports.count})`,
                `start it with -device pcie-root-port,id=vbs${ports.count},chassis=${ports.count + 1}, one for each disk`,
              ),
            ]
          : []),
      ];
    });
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    return /EACCES|EPERM/.test(text)
      ? [
          say(
            'wrong',
            `this user may not open ${path}`,
            `run the service as the VM's user, or let its group write to the socket: chgrp GROUP ${path}; chmod g+w ${path}`,
          ),
        ]
      : [say('wrong', text, `end the other client of its monitor, or start it with -qmp unix:${path},server=on,wait=off`)];
  }
}
