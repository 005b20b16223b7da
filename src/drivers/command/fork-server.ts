import { type ChildProcess, fork } from 'node:child_process';
import { DriverError, type DriverErrorKind } from '../driver-error.ts';
import type { Clock } from './clock.ts';
import type { CommandResult, Host, HostCommand } from './host.ts';
import { localHost } from './local-host.ts';

/** What the service sends to its fork server. */
export interface CommandRequest {
  readonly id: number;
  readonly hostName: string;
  readonly command: HostCommand;
}

/** What comes back, once for each request. An error is a DriverError in plain values, or a bug's message. */
export type CommandReply =
  | { readonly id: number; readonly result: CommandResult }
  | { readonly id: number; readonly error: { readonly kind?: DriverErrorKind; readonly retryable?: boolean; readonly message: string } };

/** Said once, when requests are read. */
export type ForkServerReady = 'ready';

export interface ForkServer {
  /** Starts the process. Until then, and until it has begun, the service starts commands itself. */
  start(): void;
  /** This machine by the given name, with everything that a host promises (host.ts). */
  host(name: string): Host;
  /** Lets the process end when its commands have. */
  close(): void;
}

/**
 * A small process that starts this machine's commands for the service. To start a program the kernel copies the page tables of whoever starts it,
 * some five milliseconds for each hundred megabytes here, during which a big service would answer nobody; a small process takes one or two.
 * While it is not there (it needs a moment to begin, and somebody may kill it) the service starts commands itself. When it is lost with commands
 * under way, they are `unknown`: they may go on.
 */
export function forkServer(program: string, clock: Clock): ForkServer {
  const waiting = new Map<number, { resolve(result: CommandResult): void; reject(error: Error): void }>();
  let lastId = 0;
  let server: ChildProcess | undefined;
  let isReady = false;

  const lose = (): void => {
    server = undefined;
    isReady = false;
    for (const { reject } of waiting.values()) {
      reject(new DriverError('unknown', 'the process that starts commands on this machine was lost while the command ran'));
    }
    waiting.clear();
  };

  const receive = (message: CommandReply | ForkServerReady): void => {
    if (message === 'ready') {
      isReady = true;
      return;
    }
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (waiting.size === 0) server?.channel?.unref();
    if ('result' in message) asked?.resolve(message.result);
    else asked?.reject(errorFrom(message.error));
  };

  const ask = (asked: ChildProcess, hostName: string, command: HostCommand): Promise<CommandResult> =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      asked.channel?.ref();
      asked.send({ id: lastId, hostName, command } satisfies CommandRequest, (error) => {
        if (error !== null) lose();
      });
    });

  return {
    start() {
      server = fork(program, {
        // Small from the first: it holds nothing but what its commands print.
        execArgv: ['--max-semi-space-size=1', '--v8-pool-size=1'],
        // Of its own process group: a Ctrl+C that stops the service must not cut off the commands of operations that the service still finishes.
        detached: true,
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      server.on('message', receive).on('error', lose).on('disconnect', lose);
      // By itself it keeps nobody from ending; a command under way does.
      server.unref();
      server.channel?.unref();
    },
    host(name) {
      const here = localHost(name, clock);
      return { name, run: (command) => (server !== undefined && isReady ? ask(server, name, command) : here.run(command)) };
    },
    close() {
      if (server?.connected) server.disconnect();
    },
  };
}

function errorFrom({ kind, retryable, message }: Extract<CommandReply, { error: unknown }>['error']): Error {
  return kind === undefined ? new Error(message) : new DriverError(kind, message, { ...(retryable !== undefined && { retryable }) });
}
