import { connect } from 'node:net';

/** One request to tgtd, in the words of tgtadm's options. */
export interface TgtdRequest {
  readonly operation: 'new' | 'delete' | 'show' | 'bind' | 'update';
  readonly mode: 'target' | 'logicalunit' | 'portal' | 'lld' | 'account';
  readonly tid?: number;
  readonly lun?: number;
  /** What goes with it, as `name=value` with commas between. */
  readonly parameters?: string;
}

/**
 * - `answered`: `error` is tgtd's own number, 0 when it did as it was told; `bytes` is what a listing says.
 * - `no daemon`: nobody took the request, so nothing was done.
 * - `lost`: it was sent, and no answer came.
 * - `too long`: the answer is longer than any listing.
 */
export type TgtdAnswer =
  | { readonly outcome: 'answered'; readonly error: number; readonly bytes: Buffer }
  | { readonly outcome: 'no daemon' }
  | { readonly outcome: 'lost'; readonly timedOut: boolean }
  | { readonly outcome: 'too long' };

const operations = { new: 0, delete: 1, show: 2, bind: 3, update: 5 } as const satisfies Record<TgtdRequest['operation'], number>;
const modes = { target: 1, logicalunit: 2, portal: 3, lld: 4, account: 7 } as const satisfies Record<TgtdRequest['mode'], number>;

const requestBytes = 120;
const answerBytes = 8;
/** A tgtd of ten thousand targets has less to say. */
export const longestAnswerBytes = 16 * 1024 * 1024;
const noTid = 0xffffffff;
const noLun = 0xffffffffffffffffn;

/**
 * Asks tgtd over its management socket, as tgtadm does: one request a connection, a header of 120 bytes, the parameters with a closing zero
 * byte, and back 8 bytes (an error number, the length of all) and the text. The layout was read off tgtadm 1.0.85 with strace; numbers are little-endian.
 */
export function askTgtd(socketPath: string, request: TgtdRequest, timeoutMs: number): Promise<TgtdAnswer> {
  return new Promise((resolve) => {
    let isConnected = false;
    let chunks: Buffer[] = [];
    let receivedBytes = 0;
    const socket = connect(socketPath);
    const end = (answer: TgtdAnswer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end({ outcome: 'lost', timedOut: true }), timeoutMs);
    const fail = (): void => end(isConnected ? { outcome: 'lost', timedOut: false } : { outcome: 'no daemon' });
    socket.on('connect', () => {
      isConnected = true;
      socket.write(encode(request));
    });
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      receivedBytes += chunk.length;
      if (receivedBytes < answerBytes) return;
      // The header is in the first chunk but for a daemon that is none; all of it is put together once.
      if ((chunks[0]?.length ?? 0) < answerBytes) chunks = [Buffer.concat(chunks)];
      const [first = Buffer.alloc(answerBytes)] = chunks;
      const length = first.readUInt32LE(4);
      if (length > longestAnswerBytes) end({ outcome: 'too long' });
      else if (receivedBytes >= length)
        end({ outcome: 'answered', error: first.readUInt32LE(0), bytes: textOf(Buffer.concat(chunks), length) });
    });
    socket.on('error', fail);
    socket.on('close', fail);
  });
}

function encode({ operation, mode, tid, lun, parameters }: TgtdRequest): Buffer {
  const payload = parameters === undefined ? Buffer.alloc(0) : Buffer.from(`${parameters}\0`);
  const header = Buffer.alloc(requestBytes);
  header.writeUInt32LE(modes[mode], 0);
  header.writeUInt32LE(operations[operation], 4);
  header.write('iscsi', 8);
  header.writeUInt32LE(requestBytes + payload.length, 72);
  header.writeUInt32LE(tid ?? noTid, 76);
  header.writeBigUInt64LE(lun === undefined ? noLun : BigInt(lun), 88);
  return Buffer.concat([header, payload]);
}

/** Listings end with a zero byte. */
function textOf(answer: Buffer, length: number): Buffer {
  let end = Math.max(length, answerBytes);
  while (end > answerBytes && answer[end - 1] === 0) end -= 1;
  return answer.subarray(answerBytes, end);
}
