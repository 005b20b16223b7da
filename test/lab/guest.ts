import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { consoleLogFile, controlSocket, failedLine, readyLine } from './guest-controls.ts';
import type { LabImage } from './lab-image.ts';

export interface GuestRequest {
  /** Where its sockets and logs go. */
  readonly folder: string;
  readonly image: LabImage;
  readonly name: string;
  readonly memoryMiB: number;
  /** How much of the memory dom0 has, when the guest is to run Xen. */
  readonly dom0MemoryMiB?: number;
  /** What `image/guest/etc/lab/start` reads. Without spaces. */
  readonly settings: Readonly<Record<string, string>>;
  /** Options of QEMU for the disks and the network that this guest has besides its root. */
  readonly devices: readonly string[];
  readonly readyTimeoutMs: number;
  /** Ends the guest while it boots. */
  readonly signal: AbortSignal;
}

export interface Guest {
  readonly name: string;
  readonly pid: number;
  /** On 127.0.0.1. */
  readonly sshPort: number;
  /** As known_hosts has it: type and key. */
  readonly hostKey: string;
  /** All that the guest wrote to its console. */
  readonly consoleLog: string;
  /** Ends the guest as pulling its plug would, and waits until its process is gone. */
  stop(): Promise<void>;
}

/** Boots a guest in QEMU's software emulation and waits until it says on its console that all its services run. It ends with this process. */
export async function startGuest(request: GuestRequest): Promise<Guest> {
  const { folder, name, readyTimeoutMs, signal } = request;
  const file = (kind: string) => join(folder, `${name}.${kind}`);
  const consoleLog = consoleLogFile(folder, name);
  const qemuLog = file('qemu.log');
  const monitorSocket = file('monitor');
  await Promise.all([consoleLog, monitorSocket, controlSocket(folder, name)].map((path) => rm(path, { force: true })));

  const log = openSync(qemuLog, 'w');
  const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...qemuOptions(request, consoleLog, monitorSocket)], {
    stdio: ['ignore', log, log],
    // Of a process group of its own: a Ctrl-C is for whoever started it, who stops it in order.
    detached: true,
    // Where QEMU keeps what a guest writes to its root, in a file without a name.
    env: { ...process.env, TMPDIR: folder },
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    qemu.once('error', (error) => resolve(error.message));
    qemu.once('exit', (code, signal) => resolve(`qemu ended with ${signal ?? code}`));
  });
  const stop = async () => {
    qemu.kill('SIGKILL');
    await ended;
  };
  const deadlineMs = Date.now() + readyTimeoutMs;
  for (;;) {
    const said = existsSync(consoleLog) ? await readFile(consoleLog, 'utf8') : '';
    const hostKey = readyLine.exec(said)?.[1];
    if (hostKey !== undefined) return { name, pid: qemu.pid ?? 0, sshPort: await forwardedPort(monitorSocket), hostKey, consoleLog, stop };
    const end = failedLine.test(said) ? 'it says that it failed' : await Promise.race([ended, sleep(100)]);
    if (end === undefined && !signal.aborted && Date.now() < deadlineMs) continue;
    await stop();
    throw new Error(
      `the guest ${name} did not start: ${end ?? (signal.aborted ? 'it was ended' : `it took more than ${readyTimeoutMs} ms`)}; see ${consoleLog} and ${qemuLog}`,
    );
  }
}

function qemuOptions(request: GuestRequest, consoleLog: string, monitorSocket: string): readonly string[] {
  const { folder, image, name, memoryMiB, devices } = request;
  return [
    ['-name', name],
    ['-machine', 'q35'],
    ['-accel', 'tcg,thread=multi'],
    // The emulated CPU has to be one without SMAP and AVX: with them dom0 boots, and then computes wrongly.
    ['-cpu', 'Nehalem'],
    ['-m', String(memoryMiB)],
    ['-nodefaults', '-no-reboot', '-display', 'none'],
    ['-serial', `file:${consoleLog}`],
    ['-monitor', `unix:${monitorSocket},server=on,wait=off`],
    // For guest-controls.ts: what is done to a guest from outside.
    ['-qmp', `unix:${controlSocket(folder, name)},server=on,wait=off`],
    // The root is shared by all guests, and what one writes is gone with it.
    ['-drive', `if=none,id=root,file=${image.rootFile},format=raw,snapshot=on,cache=unsafe`, '-device', 'virtio-blk-pci,drive=root'],
    // Port 0: QEMU takes a free one.
    ['-netdev', 'user,id=ssh,restrict=on,hostfwd=tcp:127.0.0.1:0-:22', '-device', 'virtio-net-pci,netdev=ssh,romfile='],
    ['-device', 'virtio-rng-pci'],
    kernelOptions(request),
    devices,
  ].flat();
}

function kernelOptions({ image, dom0MemoryMiB, settings }: GuestRequest): readonly string[] {
  const words = ['root=/dev/vda', 'panic=-1', 'quiet', 'mitigations=off', 'no_timer_check', 'net.ifnames=0'];
  words.push(...Object.entries(settings).map(([key, value]) => `lab.${key}=${value}`));
  if (dom0MemoryMiB === undefined) {
    return ['-kernel', image.kernelFile, '-initrd', image.initramfsFile, '-append', ['console=ttyS0', 'tsc=reliable', ...words].join(' ')];
  }
  const xenWords = ['console=com1', 'com1=115200', 'loglvl=warning', 'noreboot', 'spec-ctrl=no', 'xpti=0', 'pv-l1tf=0', 'smap=0', 'smep=0'];
  xenWords.push(`dom0_mem=${dom0MemoryMiB}M,max:${dom0MemoryMiB}M`);
  // Xen's clock rather than the processor's: after a reset Xen can take a while to set its own, and a dom0 that boots meanwhile measures a processor
  // ten times as fast, so that its seconds last ten.
  const dom0Words = ['console=hvc0', 'clocksource=xen', ...words];
  // Xen is booted by Multiboot, and dom0's kernel with its command line is the first module. A comma there would end the module; doubled it is one.
  const dom0Line = [image.kernelFile, ...dom0Words].join(' ').replaceAll(',', ',,');
  return ['-kernel', image.hypervisorFile, '-initrd', `${dom0Line},${image.initramfsFile}`, '-append', xenWords.join(' ')];
}

/** Asks QEMU which port of this machine leads to the guest's ssh. */
function forwardedPort(monitorSocket: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(monitorSocket);
    let said = '';
    socket.setEncoding('utf8');
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer of QEMU's monitor at ${monitorSocket}`)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`QEMU's monitor told no port: ${said}`)));
    socket.once('connect', () => socket.write('info usernet\n'));
    socket.on('data', (chunk) => {
      said += chunk;
      const port = /TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)/.exec(said)?.[1];
      if (port === undefined) return;
      resolve(Number(port));
      socket.destroy();
    });
  });
}
