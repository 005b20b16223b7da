import type { IncomingMessage } from 'node:http';
import type { Connection } from './connection-table.ts';

/** What kept a body from being read. */
export class BodyUnreadable extends Error {
  constructor(options?: ErrorOptions) {
    super('the body was cut off', options);
    this.name = 'BodyUnreadable';
  }
}

/**
 * Reads the body of a request: all of it, or `undefined` as soon as it is longer than `mostBytes`, when the rest is left unread. What has come is counted as held
 * for the client. Rejects with BodyUnreadable when the client goes away.
 */
export function readBody(request: IncomingMessage, mostBytes: number, connection: Connection): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  return eachPiece(request, mostBytes, (piece) => {
    pieces.push(piece);
    connection.progress();
    connection.hold(piece.length);
  }).then((isWhole) => (isWhole ? (pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)) : undefined));
}

/** Lets the body pass, unless it is longer; resolves with whether it is over. Without that the connection could not take another request. */
export function skipBody(request: IncomingMessage, mostBytes: number): Promise<boolean> {
  return eachPiece(request, mostBytes, () => undefined);
}

function eachPiece(request: IncomingMessage, mostBytes: number, take: (piece: Buffer) => void): Promise<boolean> {
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return Promise.resolve(false);
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const end = (settle: () => void) => {
      request.off('data', onData);
      request.off('end', onEnd);
      request.off('close', onClose);
      request.off('error', onError);
      settle();
    };
    const onData = (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= mostBytes) take(piece);
      else {
        request.pause();
        end(() => resolve(false));
      }
    };
    const onEnd = () => end(() => resolve(true));
    const onClose = () => end(() => reject(new BodyUnreadable()));
    const onError = (cause: Error) => end(() => reject(new BodyUnreadable({ cause })));
    request.on('data', onData);
    request.on('end', onEnd);
    request.on('close', onClose);
    request.on('error', onError);
    // It stands still when it was found too long before.
    request.resume();
  });
}
