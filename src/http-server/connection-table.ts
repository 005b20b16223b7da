import type { Socket } from 'node:net';
import { createNetworks, type Network } from './networks.ts';
import type { Origin } from './origin.ts';

export interface ConnectionLimits {
  /** How many there may be. One more is let in at the cost of one that does nothing, of whoever has most. */
  readonly connections: number;
  /** The same of one address. It is no limit for this machine itself and for proxies. */
  readonly connectionsPerAddress: number;
  /** How many bytes of requests and answers are held for all clients together. From half of it on, who does not get on is not waited for. */
  readonly heldBytes: number;
  /** How long a client may take to send its headers, so that one that sends a byte now and then holds no connection. */
  readonly headersTimeoutMs: number;
  /** How long it may take to send a whole request. */
  readonly requestTimeoutMs: number;
  /** How long nothing of a body may come. */
  readonly stillTimeoutMs: number;
  /** How long a connection may idle between requests: longer than the pools of the SDKs keep one, so that it is they who close it. */
  readonly keepAliveTimeoutMs: number;
  /** How long an answer may wait for its reader to take more of it. */
  readonly answerTimeoutMs: number;
}

export const defaultConnectionLimits: ConnectionLimits = {
  connections: 4_096,
  connectionsPerAddress: 512,
  heldBytes: 64 * 1_024 * 1_024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  stillTimeoutMs: 8_000,
  keepAliveTimeoutMs: 65_000,
  answerTimeoutMs: 30_000,
};

/** Why a connection was ended that its client would have kept. */
export type DropReason =
  | 'too many connections'
  | 'too many connections of one address'
  | 'no request came'
  | 'the request did not come whole'
  | 'its end was not answered'
  | 'the answer was not read'
  | 'too much was held'
  | 'too many requests at once';

/** Of Node's IncomingMessage: whether it has come whole. */
export interface Arriving {
  readonly complete: boolean;
}

export interface Connection {
  readonly origin: Origin;
  /** Whether a request has come whole and its answer has not left. */
  readonly isAnswering: boolean;
  /** Begins with a request when the answers to all earlier ones have left. Whoever sends ever more without reading is let go. */
  inTurn(request: Arriving, begin: () => void): void;
  /** The answer has left, or never will. */
  answered(): void;
  /** Counts bytes that are held for the client, until its request is answered. Returns whether the connection is still there. */
  hold(bytes: number): boolean;
  /** The client sent or took some of them. */
  progress(): void;
  /** What came is whole, and the answer is being made: the client is not waited for. */
  working(): void;
  /** The answer is on its way. */
  sending(): void;
  /** Says this as the last thing and ends our side; the client has little time to end his. */
  endWith(lastWords: Buffer | undefined): void;
  /** The same, once the answer that is under way has left. */
  endAfterAnswer(): void;
}

export interface ConnectionTable {
  /** Takes a new connection under guard; `undefined` when there is no room for it, and it is ended. */
  admit(socket: Socket, origin: Origin): Connection | undefined;
  of(socket: Socket): Connection | undefined;
  /** Ends whoever has been waited for long enough. To be called every second or so. */
  sweep(): void;
  readonly size: number;
}

/** Of requests sent ahead. No SDK sends any. */
const mostWaitingRequests = 16;
/** A reader who gets on at all does so within this, unless it sleeps. */
const stalledMs = 250;
/** Node ends what comes too slowly itself, with an answer that says so; this is for what it leaves. */
const graceMs = 2_000;
/** How long a client may take to end its side after ours has ended. */
const lingerMs = 1_000;

type Phase = 'fresh' | 'idle' | 'receiving' | 'working' | 'sending' | 'closing';

interface Entry extends Connection {
  readonly socket: Socket;
  readonly network: Network<Entry>;
  phase: Phase;
  enteredMs: number;
  /** When it got on the last time, with a byte or with a phase. */
  sinceMs: number;
  heldBytes: number;
}

/**
 * Who holds connections to a server and how much is held for each of them. Nothing here is proved of anybody: the limits are what keeps those who merely reach
 * the port from taking the memory and the descriptors of all.
 */
export function createConnectionTable(
  limits: ConnectionLimits,
  { clock, onDropped }: { readonly clock: () => number; readonly onDropped: (reason: DropReason, origin: Origin) => void },
): ConnectionTable {
  const entries = new Map<Socket, Entry>();
  const networks = createNetworks<Entry>();
  /** Those for which something is held. */
  const holders = new Set<Entry>();
  let heldBytes = 0;

  const drop = (entry: Entry, reason: DropReason): void => {
    forget(entry);
    onDropped(reason, entry.origin);
    entry.socket.destroy();
  };
  const forget = (entry: Entry): void => {
    if (!entries.delete(entry.socket)) return;
    networks.remove(entry.network, entry);
    release(entry);
  };
  const release = (entry: Entry): void => {
    heldBytes -= entry.heldBytes;
    entry.heldBytes = 0;
    holders.delete(entry);
  };
  /** The one that has waited longest for its client; of those whose requests are being worked on only when there is no other. */
  const slowest = (isEligible: (entry: Entry) => boolean): Entry | undefined => {
    let found: Entry | undefined;
    for (const entry of holders) {
      if (isEligible(entry) && (found === undefined || entry.sinceMs < found.sinceMs)) found = entry;
    }
    return found;
  };
  const makeRoom = (newest: Entry): void => {
    const stalledBeforeMs = clock() - stalledMs;
    const isStalled = (entry: Entry) => entry !== newest && entry.phase !== 'working' && entry.sinceMs <= stalledBeforeMs;
    const isWaitedFor = (entry: Entry) => entry !== newest && entry.phase !== 'working';
    const isAnother = (entry: Entry) => entry !== newest;
    while (heldBytes > limits.heldBytes / 2) {
      const isOver = heldBytes > limits.heldBytes;
      const victim = slowest(isStalled) ?? (isOver ? (slowest(isWaitedFor) ?? slowest(isAnother)) : undefined);
      if (victim === undefined) return;
      drop(victim, 'too much was held');
    }
  };
  /** Makes room for one more of this origin, at the cost of another if need be. Returns why there is none. */
  const reasonAgainst = (origin: Origin): DropReason | undefined => {
    const own = networks.find(origin.network);
    if (!origin.isShared && own !== undefined && own.members.size >= limits.connectionsPerAddress) {
      const idle = networks.longestIdle(own);
      if (idle === undefined) return 'too many connections of one address';
      drop(idle, 'too many connections of one address');
    }
    if (entries.size < limits.connections) return undefined;
    const heaviest = networks.heaviest();
    // Who has most takes nothing away from others with what is under way already.
    const victim = heaviest && (networks.longestIdle(heaviest) ?? (heaviest === own ? undefined : networks.oldest(heaviest)));
    if (victim === undefined) return 'too many connections';
    drop(victim, 'too many connections');
    return undefined;
  };
  const enter = (entry: Entry, phase: Phase): void => {
    if (entry.phase === 'closing') return;
    if (isIdle(entry.phase) !== isIdle(phase)) networks.setIdle(entry.network, entry, isIdle(phase));
    entry.phase = phase;
    entry.enteredMs = clock();
    entry.sinceMs = entry.enteredMs;
  };

  const createEntry = (socket: Socket, origin: Origin, network: Network<Entry>): Entry => {
    const waiting: { readonly request: Arriving; readonly begin: () => void }[] = [];
    let current: Arriving | undefined;
    let isLast = false;
    const entry: Entry = {
      ...{ socket, origin, network, phase: 'fresh', enteredMs: clock(), sinceMs: clock(), heldBytes: 0 },
      get isAnswering() {
        return entry.phase === 'working' || entry.phase === 'sending' || (entry.phase === 'receiving' && current?.complete === true);
      },
      inTurn(request, begin) {
        if (isIdle(entry.phase)) {
          current = request;
          enter(entry, 'receiving');
          begin();
        } else if (waiting.length < mostWaitingRequests) waiting.push({ request, begin });
        else drop(entry, 'too many requests at once');
      },
      answered() {
        release(entry);
        if (!entries.has(socket) || entry.phase === 'closing') return;
        if (isLast) {
          entry.endWith(undefined);
          return;
        }
        const next = waiting.shift();
        current = next?.request;
        enter(entry, next === undefined ? 'idle' : 'receiving');
        next?.begin();
      },
      hold(bytes) {
        if (!entries.has(socket)) return false;
        entry.heldBytes += bytes;
        heldBytes += bytes;
        holders.add(entry);
        if (heldBytes > limits.heldBytes / 2) makeRoom(entry);
        return true;
      },
      progress() {
        entry.sinceMs = clock();
      },
      working: () => enter(entry, 'working'),
      sending: () => enter(entry, 'sending'),
      endWith(lastWords) {
        enter(entry, 'closing');
        if (lastWords === undefined) socket.end();
        else socket.end(lastWords);
      },
      endAfterAnswer() {
        isLast = true;
      },
    };
    return entry;
  };

  return {
    admit(socket, origin) {
      const reason = reasonAgainst(origin);
      if (reason !== undefined) {
        onDropped(reason, origin);
        socket.destroy();
        return undefined;
      }
      const entry = createEntry(socket, origin, networks.open(origin.network));
      entries.set(socket, entry);
      networks.add(entry.network, entry);
      socket.once('close', () => forget(entry));
      return entry;
    },
    of: (socket) => entries.get(socket),
    sweep() {
      const nowMs = clock();
      for (const entry of entries.values()) {
        const limit = patience(entry.phase, limits);
        // A byte now and then keeps an answer going that is read slowly, and nothing else.
        const beganMs = entry.phase === 'sending' ? entry.sinceMs : entry.enteredMs;
        const standsStill = entry.phase === 'receiving' && nowMs - entry.sinceMs > limits.stillTimeoutMs;
        if (limit !== undefined && (standsStill || nowMs - beganMs > limit.ms)) drop(entry, limit.reason);
      }
    },
    get size() {
      return entries.size;
    },
  };
}

function isIdle(phase: Phase): boolean {
  return phase === 'fresh' || phase === 'idle' || phase === 'closing';
}

/** How long a connection may stay in a phase; `undefined` while its answer is made. */
function patience(phase: Phase, limits: ConnectionLimits): { readonly ms: number; readonly reason: DropReason } | undefined {
  switch (phase) {
    case 'fresh':
      return { ms: limits.headersTimeoutMs + graceMs, reason: 'no request came' };
    case 'idle':
      return { ms: limits.keepAliveTimeoutMs + graceMs, reason: 'no request came' };
    case 'sending':
      return { ms: limits.answerTimeoutMs, reason: 'the answer was not read' };
    case 'closing':
      return { ms: lingerMs, reason: 'its end was not answered' };
    case 'receiving':
      return { ms: limits.requestTimeoutMs + graceMs, reason: 'the request did not come whole' };
    case 'working':
      return undefined;
  }
}
