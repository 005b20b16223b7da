import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from './cleanup.ts';

/** The built program, as it is installed. */
const program = fileURLToPath(new URL('../../bin/vbs.js', import.meta.url));
const host = '127.0.0.1';

export interface ServiceProcess {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  /** `performance.now()` when it was spawned. */
  readonly spawnedAtMs: number;
  /** What it said, for when it does not do as it should. */
  log(): string;
  hasEnded(): boolean;
  stop(): Promise<void>;
  /** As a power cut ends it: what it started goes on. */
  kill(): Promise<void>;
}

/** Spawns `vbs serve` on a free port and returns at once: it does not answer yet. */
export async function spawnService(stateFolder: string, options: readonly string[], cleanup: Cleanup): Promise<ServiceProcess> {
  const port = await freePort();
  const logFile = join(stateFolder, 'bench.log');
  const log = openSync(logFile, 'a');
  const spawnedAtMs = performance.now();
  const service = spawn(process.execPath, [program, 'serve', '--state', stateFolder, '--listen', `${host}:${port}`, ...options], {
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const hasEnded = () => service.exitCode !== null || service.signalCode !== null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (hasEnded() || service.pid === undefined) {
      return;
    }
    const ended = once(service, 'exit');
    service.kill(signal);
    // One that takes no notice must not outlive the benchmark.
    const timer = setTimeout(() => service.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
  };
  const stop = () => end('SIGTERM');
  cleanup.add(stop);
  if (service.pid === undefined) {
    throw new Error(`${process.execPath} could not be started`);
  }
  return {
    pid: service.pid,
    host,
    port,
    spawnedAtMs,
    log: () => readFileSync(logFile, 'utf8'),
    hasEnded,
    stop,
    kill: () => end('SIGKILL'),
  };
}

/** A port that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) {
    throw new Error('no port is free');
  }
  return address.port;
}
