import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readyLine, type TinyVmImage } from './tiny-vm-image.ts';

export interface TinyVmRequest {
  /** Where its sockets and logs go; one VM a folder. Short: the path of a unix socket may have 107 bytes. */
  readonly folder: string;
  /** The domain's name. */
  readonly name: string;
  readonly image: TinyVmImage;
  readonly memoryMiB?: number;
  /** Missing: a machine of type `pc`, into which disks are plugged by ACPI. */
  readonly machine?: TinyVmMachine;
  /** How long it may take to boot; 60 s when missing, for it takes 3 to 5 s on an idle machine. */
  readonly bootTimeoutMs?: number;
}

/** A PCI Express machine, with root ports `port1`, `port2` …, of which each takes one disk. */
export interface TinyVmMachine {
  readonly rootPorts: number;
  /** How the guest learns of a disk: from the firmware's tables, as is QEMU's default, or from the port itself (PCIe native). */
  readonly hotPlug: 'acpi' | 'native';
}

export interface CommandResult {
  readonly exitCode: number;
  /** Standard output and error, as they came. */
  readonly output: string;
}

export interface TinyVm {
  readonly qmpSocket: string;
  /** A shell for people: `socat -,rawer,escape=0x1d unix-connect:…`. */
  readonly consoleSocket: string;
  /** What `runInGuest` takes. */
  readonly commandSocket: string;
  readonly pid: number;
  /** Runs a shell command in the VM as root. Rejects when no answer comes in time, as from a paused VM. */
  run(command: string, timeoutMs?: number): Promise<CommandResult>;
  /** Ends the VM as pulling its plug would, and waits until its process is gone. */
  stop(): Promise<void>;
}

const longestSocketPath = 107;

/** Boots a VM in QEMU's software emulation and waits until it takes commands. It ends with this process. */
export async function startTinyVm({
  folder,
  name,
  image,
  memoryMiB = 128,
  machine,
  bootTimeoutMs = 180_000,
}: TinyVmRequest): Promise<TinyVm> {
  await mkdir(folder, { recursive: true });
  const qmpSocket = join(folder, `${name}.qmp`);
  const consoleSocket = join(folder, `${name}.console`);
  const commandSocket = join(folder, `${name}.commands`);
  const consoleLog = join(folder, `${name}.console.log`);
  const qemuLog = join(folder, `${name}.qemu.log`);
  if (Buffer.byteLength(commandSocket) > longestSocketPath) throw new Error(`${commandSocket} is too long for a unix socket`);
  await Promise.all([qmpSocket, consoleSocket, commandSocket, consoleLog].map((file) => rm(file, { force: true })));

  const log = openSync(qemuLog, 'w');
  const qemu = spawn(
    'setpriv',
    [
      // However this process ends, the kernel ends the VM with it.
      ['--pdeathsig', 'KILL', 'qemu-system-x86_64'],
      ['-name', name],
      ['-uuid', randomUUID()],
      machineArguments(machine),
      ['-accel', 'tcg'],
      ['-cpu', 'Nehalem'],
      ['-m', String(memoryMiB)],
      ['-nodefaults', '-no-reboot', '-display', 'none'],
      ['-kernel', image.kernelFile, '-initrd', image.initramfsFile],
      ['-append', 'console=ttyS0 quiet mitigations=off no_timer_check panic=-1'],
      ['-chardev', `socket,id=console,path=${consoleSocket},server=on,wait=off,logfile=${consoleLog}`, '-serial', 'chardev:console'],
      ['-chardev', `socket,id=commands,path=${commandSocket},server=on,wait=off`, '-serial', 'chardev:commands'],
      ['-qmp', `unix:${qmpSocket},server=on,wait=off`],
    ].flat(),
    // Of a process group of its own: a Ctrl-C is for whoever started it, who stops it in order.
    { stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    qemu.once('error', (error) => resolve(error.message));
    qemu.once('exit', (code, signal) => resolve(`qemu ended with ${signal ?? code}`));
  });
  const kill = () => qemu.kill('SIGKILL');
  const deadlineMs = Date.now() + bootTimeoutMs;
  const isReady = async () => existsSync(consoleLog) && (await readFile(consoleLog, 'utf8')).includes(readyLine);
  while (!(await isReady())) {
    const end = await Promise.race([ended, sleep(50)]);
    if (end === undefined && Date.now() < deadlineMs) continue;
    kill();
    throw new Error(`the VM ${name} did not start: ${end ?? 'it took too long'}; see ${qemuLog} and ${consoleLog}`);
  }
  return {
    qmpSocket,
    consoleSocket,
    commandSocket,
    pid: qemu.pid ?? 0,
    run: (command, timeoutMs = 120_000) => runInGuest(commandSocket, command, timeoutMs),
    async stop() {
      kill();
      await ended;
    },
  };
}

function machineArguments(machine: TinyVmMachine | undefined): readonly string[] {
  if (machine === undefined) return ['-machine', 'pc'];
  const ports = Array.from({ length: machine.rootPorts }, (_, index) => index + 1);
  return [
    ['-machine', 'q35', '-global', `ICH9-LPC.acpi-pci-hotplug-with-bridge-support=${machine.hotPlug === 'acpi' ? 'on' : 'off'}`],
    ...ports.map((number) => ['-device', `pcie-root-port,id=port${number},chassis=${number}`]),
  ].flat();
}

/** Runs a command in a VM that any process has started. One connection a command, since QEMU serves one client of a socket at a time. The protocol is that of the image's init script. */
export function runInGuest(commandSocket: string, command: string, timeoutMs: number): Promise<CommandResult> {
  const id = randomUUID();
  const encoded = Buffer.from(command).toString('base64');
  return new Promise((resolve, reject) => {
    const socket = connect(commandSocket);
    let received = '';
    const settle = (settled: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      settled();
    };
    const timer = setTimeout(() => settle(() => reject(new Error(`no answer from the VM in ${timeoutMs} ms: ${command}`))), timeoutMs);
    socket.setEncoding('latin1');
    socket.once('error', (error) => settle(() => reject(error)));
    socket.once('close', () => settle(() => reject(new Error(`the VM ended during: ${command}`))));
    socket.once('connect', () => socket.write(`${id} ${Math.ceil(timeoutMs / 1000)} ${encoded}\n`));
    socket.on('data', (chunk) => {
      received += chunk;
      // Answers of commands that were given up on may come first.
      const answer = new RegExp(`^${id} (\\d+) (\\S*)\\n`, 'm').exec(received);
      if (answer === null) return;
      const [, exitCode, output = ''] = answer;
      settle(() => resolve({ exitCode: Number(exitCode), output: Buffer.from(output, 'base64').toString() }));
    });
  });
}
