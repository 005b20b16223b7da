import { DriverError } from '../driver-error.ts';
import { systemClock } from './clock.ts';
import type { CommandReply, CommandRequest, ForkServerReady } from './fork-server.ts';
import { localHost } from './local-host.ts';

// The program of the fork server (fork-server.ts). It ends when the service has gone and its own commands have ended.

const reply = (message: CommandReply | ForkServerReady): void => {
  // Nobody is told any more when the service has gone.
  if (process.connected) process.send?.(message, () => undefined);
};

// Whoever stops the service by stopping all of its processes means the service, which ends this one when it is done.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => undefined);
}

process.on('message', ({ id, hostName, command }: CommandRequest) => {
  localHost(hostName, systemClock)
    .run(command)
    .then(
      (result) => reply({ id, result }),
      (error: unknown) => reply({ id, error: plain(error) }),
    );
});
reply('ready');

function plain(error: unknown): Extract<CommandReply, { error: unknown }>['error'] {
  if (error instanceof DriverError) return { kind: error.kind, retryable: error.retryable, message: error.message };
  return { message: error instanceof Error ? error.message : String(error) };
}
