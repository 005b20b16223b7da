import { connect } from 'node:net';

/** One request to tgtd, in the words of tgtadm's options. */
export interface TgtdRequest {
  readonly operation: 'new' | 'delete' | 'show' | 'bind' | 'update';
  readonly mode: 'target' | 'logicalunit' | 'portal' | 'account';
  readonly tid?: number;
  readonly lun?: number;
  /** What goes with it, as `name=value` with commas between. */
  readonly parameters?: string;
}

/**
 * - `answered`: `error` is tgtd's own number, 0 when it did as it was told; `text` is what a listing says.
 * - `no daemon`: nobody took the request, so nothing was done.
 * - `lost`: it was sent, and no answer came.
 */
export type TgtdAnswer =
  | { readonly outcome: 'answered'; readonly error: number; readonly text: string }
  | { readonly outcome: 'no daemon' }
  | { readonly outcome: 'lost'; readonly timedOut: boolean };

const operations = { new: 0, delete: 1, show: 2, bind: 3, update: 5 } as const satisfies Record<TgtdRequest['operation'], number>;
const modes = { target: 1, logicalunit: 2, portal: 3, account: 7 } as const satisfies Record<TgtdRequest['mode'], number>;

const requestBytes = 120;
const answerBytes = 8;
const noTid = 0xffffffff;
const noLun = 0xffffffffffffffffn;

/**
 * Asks tgtd over its management socket, as tgtadm does: one request a connection, a header of 120 bytes, the parameters with a closing zero
 * byte, and back 8 bytes (an error number, the length of all) and the text. The layout was read off tgtadm 1.0.85 with strace; numbers are little-endian.
 */
export function askTgtd(socketPath: string, request: TgtdRequest, timeoutMs: number): Promise<TgtdAnswer> {
  return new Promise((resolve) => {
    let isConnected = false;
    let received = Buffer.alloc(0);
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
      received = Buffer.concat([received, chunk]);
      const whole = received.length >= answerBytes && received.length >= received.readUInt32LE(4);
      if (whole) end({ outcome: 'answered', error: received.readUInt32LE(0), text: textOf(received) });
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
function textOf(answer: Buffer): string {
  return answer.subarray(answerBytes, answer.readUInt32LE(4)).toString().replace(/\0+$/, '');
}
