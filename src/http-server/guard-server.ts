import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import {
  type Connection,
  type ConnectionLimits,
  type ConnectionTable,
  createConnectionTable,
  type DropReason,
} from './connection-table.ts';
import type { Origin, Origins } from './origin.ts';

const sweepEveryMs = 1_000;

/** Keeps the limits for all connections of a server, from the first to the last. */
export function guardServer(
  server: Server,
  limits: ConnectionLimits,
  { origins, onDropped }: { readonly origins: Origins; readonly onDropped: (reason: DropReason, origin: Origin) => void },
): ConnectionTable {
  const table = createConnectionTable(limits, { clock: Date.now, onDropped });
  server.on('connection', (socket: Socket) => table.admit(socket, origins.ofPeer(socket.remoteAddress)));
  const timer = setInterval(() => table.sweep(), sweepEveryMs);
  timer.unref();
  server.on('close', () => clearInterval(timer));
  return table;
}

/** Ends a connection on which something came that is no request, or came too slowly. */
export function endUnreadable(socket: Socket, connection: Connection | undefined, lastWords: () => Buffer): void {
  if (connection === undefined || !socket.writable) socket.destroy();
  // Whoever asked before is answered, and nothing stands in the middle of that.
  else if (connection.isAnswering) connection.endAfterAnswer();
  else connection.endWith(lastWords());
}
