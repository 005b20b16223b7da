import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** Who logs in to what, and what it says of itself. Texts go over as Latin 1, so that any byte can be said. */
export interface IscsiLogin {
  readonly portal: string;
  readonly target: string;
  readonly initiatorName: string;
  readonly initiatorAlias?: string;
  readonly chapUser: string;
  readonly chapSecret: string;
  /** Tells several sessions of one initiator apart. */
  readonly session?: number;
}

/** The few parts of a login request and its answer (RFC 7143, 11.12 and 11.13) that an initiator of its own making needs. */
const headerBytes = 48;
const loginRequest = 0x43;
const transit = 0x80;
const stages = { security: 0, operational: 1, fullFeature: 3 } as const;

/**
 * Logs in as an initiator that says of itself whatever it likes, which no initiator that is shipped does. The session lasts until the socket is destroyed.
 * Rejects when the target does not let it in.
 */
export async function logInToTarget(login: IscsiLogin): Promise<Socket> {
  const colon = login.portal.lastIndexOf(':');
  const socket = connect(Number(login.portal.slice(colon + 1)), login.portal.slice(0, colon));
  const ask = exchange(socket, login.session ?? 1);
  try {
    await ask(stages.security, stages.security, false, {
      InitiatorName: login.initiatorName,
      ...(login.initiatorAlias !== undefined && { InitiatorAlias: login.initiatorAlias }),
      TargetName: login.target,
      SessionType: 'Normal',
      AuthMethod: 'CHAP',
    });
    const challenge = await ask(stages.security, stages.security, false, { CHAP_A: '5' });
    const id = Buffer.from([Number(challenge.get('CHAP_I'))]);
    const given = Buffer.from((challenge.get('CHAP_C') ?? '').replace(/^0x/, ''), 'hex');
    const answer = createHash('md5')
      .update(Buffer.concat([id, Buffer.from(login.chapSecret), given]))
      .digest('hex');
    await ask(stages.security, stages.operational, true, { CHAP_N: login.chapUser, CHAP_R: `0x${answer}` });
    await ask(stages.operational, stages.fullFeature, true, {});
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

type Ask = (now: number, next: number, isTransit: boolean, keys: Readonly<Record<string, string>>) => Promise<ReadonlyMap<string, string>>;

function exchange(socket: Socket, session: number): Ask {
  let received = Buffer.alloc(0);
  let wake: () => void = () => undefined;
  let lost: Error | undefined;
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  socket.on('error', (error) => {
    lost = error;
    wake();
  });
  socket.on('close', () => {
    lost ??= new Error('the target closed the connection');
    wake();
  });
  const answer = async (): Promise<Buffer> => {
    for (;;) {
      const length = received.length < headerBytes ? 0 : received.readUIntBE(5, 3);
      const whole = headerBytes + Math.ceil(length / 4) * 4;
      if (received.length >= headerBytes && received.length >= whole) {
        const pdu = received.subarray(0, headerBytes + length);
        received = received.subarray(whole);
        return pdu;
      }
      if (lost !== undefined) throw lost;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return async (now, next, isTransit, keys) => {
    const data = Buffer.from(
      Object.entries(keys)
        .map(([key, value]) => `${key}=${value}\0`)
        .join(''),
      'latin1',
    );
    const header = Buffer.alloc(headerBytes);
    header[0] = loginRequest;
    header[1] = (isTransit ? transit : 0) | (now << 2) | next;
    header.writeUIntBE(data.length, 5, 3);
    // The initiator's part of the session's name: of a random format, and the number.
    header[8] = 0x80;
    header.writeUInt16BE(session, 12);
    socket.write(Buffer.concat([header, data, Buffer.alloc((4 - (data.length % 4)) % 4)]));
    const pdu = await answer();
    const status = pdu.readUInt16BE(36);
    if (status !== 0) throw new Error(`the target refused the login with status ${status.toString(16)}`);
    return new Map(
      pdu
        .subarray(headerBytes)
        .toString('latin1')
        .split('\0')
        .filter((pair) => pair.includes('='))
        .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const),
    );
  };
}
