import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/drivers/command/clock.ts';
import { type Qmp, withQmp } from '../../src/drivers/qemu/qmp-client.ts';

/** All that a guest writes to its console, over all its boots. */
export function consoleLogFile(folder: string, name: string): string {
  return join(folder, `${name}.console.log`);
}

/** QEMU's machine protocol, one client at a time. */
export function controlSocket(folder: string, name: string): string {
  return join(folder, `${name}.qmp`);
}

/** What a guest says last when it has booted, with its host key. */
export const readyLine = /^LAB-READY (ssh-ed25519 \S+)\s*$/m;
export const failedLine = /^LAB-FAILED\s*$/m;

/**
 * Presses the reset button: the guest loses its memory, and what it had not written to its disks, at once. Answers when all its services run again, which
 * takes as long as its first boot. Its root and its host key are as before.
 */
export async function resetGuest(folder: string, name: string, timeoutMs: number): Promise<void> {
  const read = async () => readFile(consoleLogFile(folder, name), 'utf8');
  const { length: earlier } = await read();
  await control(folder, name, async (qmp) => {
    // Guests are started so that one that panics at its boot ends, and is seen.
    await qmp.execute('set-action', { reboot: 'reset' });
    await qmp.execute('system_reset');
  });
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const said = (await read()).slice(earlier);
    if (readyLine.test(said)) break;
    if (failedLine.test(said) || Date.now() > deadlineMs) throw new Error(`${name} did not boot again: ${said.slice(-2_000)}`);
    await sleep(200);
  }
  await control(folder, name, (qmp) => qmp.execute('set-action', { reboot: 'shutdown' }));
}

/** Pulls a guest's cable to the storage network, or puts it in again. Its ssh port is on another network. */
export async function plugCable(folder: string, name: string, isIn: boolean): Promise<void> {
  await control(folder, name, (qmp) => qmp.execute('set_link', { name: 'storage', up: isIn }));
}

async function control(folder: string, name: string, use: (qmp: Qmp) => Promise<unknown>): Promise<void> {
  const socket = connect(controlSocket(folder, name));
  await once(socket, 'connect');
  await withQmp(socket, { host: name, clock: systemClock, timeoutMs: 60_000, record: () => undefined }, use);
}
