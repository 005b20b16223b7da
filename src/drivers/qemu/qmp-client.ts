import type { Socket } from 'node:net';
import * as z from 'zod';
import type { CommandRecord } from '../../model/command-record.ts';
import type { Clock } from '../command/clock.ts';
import { DriverError } from '../driver-error.ts';
import { qmpLines } from './qmp-lines.ts';

/** What QEMU says of a refusal is a sentence or two. */
const longestDescription = 2_000;

/** QEMU understood the command and would not do it. The message is its `desc`, which names no stable code: QMP has few error classes and nearly all is GenericError. */
export class QmpError extends Error {
  readonly errorClass: string;

  constructor(errorClass: string, description: string) {
    super(description.trim().slice(0, longestDescription));
    this.name = 'QmpError';
    this.errorClass = errorClass;
  }
}

export interface Qmp {
  /**
   * The command's `return`. Arguments named in `secrets` go over the socket and into no record.
   * Commands that are sent without waiting for each other are carried out, and answered, in the order in which they were sent.
   */
  execute(command: string, parameters?: Readonly<Record<string, unknown>>, secrets?: readonly string[]): Promise<unknown>;
}

export interface QmpSession {
  /** The VMM host's name, for the records. */
  readonly host: string;
  readonly clock: Clock;
  /** How long each answer may take. */
  readonly timeoutMs: number;
  /** Takes what was done, as soon as it is done. */
  readonly record: (command: CommandRecord) => void;
}

const serverMessage = z.union([
  z.object({ QMP: z.object({}) }),
  z.object({ event: z.string() }),
  z.object({ return: z.unknown(), id: z.number() }),
  z.object({ error: z.object({ class: z.string(), desc: z.string() }), id: z.number().optional() }),
]);
type ServerMessage = z.infer<typeof serverMessage>;

const longestOutputTail = 500;

/**
 * Talks to a QEMU monitor over a socket that was just connected, and closes it at the end: a monitor serves one client at a time and lets the
 * next one wait, connected and unanswered (QEMU's chardev with server=on), so nobody may keep it longer than needed.
 * Events are passed over: what they tell (DEVICE_DELETED) is asked for instead, since an event that came between two connections is lost.
 */
export async function withQmp<Value>(socket: Socket, session: QmpSession, use: (qmp: Qmp) => Promise<Value>): Promise<Value> {
  const { host, clock, timeoutMs, record } = session;
  const messages = exchangeMessages(socket, timeoutMs);
  const request = async (command: string, parameters: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const message = await messages.send({ execute: command, arguments: parameters });
    if ('error' in message) throw new QmpError(message.error.class, message.error.desc);
    return 'return' in message ? message.return : undefined;
  };

  try {
    try {
      // Sent without waiting for the greeting: QEMU reads it when it has greeted.
      await Promise.all([messages.greeting, request('qmp_capabilities', {})]);
    } catch (cause) {
      throw new DriverError('unavailable', `the monitor does not answer (another client may hold it): ${messageOf(cause)}`, {
        retryable: true,
        cause,
      });
    }
    return await use({
      async execute(command, parameters = {}, secrets = []) {
        const startedAtMs = clock.nowMs();
        const began = clock.elapsedMs();
        const shown = Object.fromEntries(
          Object.entries(parameters).map(([name, value]) => [name, secrets.includes(name) ? '[redacted]' : value]),
        );
        const done = (outcome: { exitCode?: number; outputTail: string }) => {
          const argv = ['qmp', command, JSON.stringify(shown)];
          record({ host, argv, startedAtMs, durationMs: Math.round(clock.elapsedMs() - began), ...outcome });
        };
        try {
          const answer = await request(command, parameters);
          done({ exitCode: 0, outputTail: JSON.stringify(answer).slice(-longestOutputTail) });
          return answer;
        } catch (error) {
          if (error instanceof QmpError) {
            done({ exitCode: 1, outputTail: `${error.errorClass}: ${error.message}` });
            throw error;
          }
          done({ outputTail: messageOf(error) });
          throw new DriverError('unknown', `${command} on ${host}: ${messageOf(error)}`, { cause: error });
        }
      },
    });
  } finally {
    socket.destroy();
  }
}

interface Exchange {
  readonly greeting: Promise<unknown>;
  /** Resolves with the answer. Rejects when none comes in time or the connection is lost. */
  send(command: Readonly<Record<string, unknown>>): Promise<ServerMessage>;
}

interface Waiting {
  resolve(message: ServerMessage): void;
  reject(error: Error): void;
}

/** The greeting has no id; commands are numbered from 1. */
const greetingId = 0;

/** Brings answers to those who wait for them. Every line of QMP is one JSON object. */
function exchangeMessages(socket: Socket, timeoutMs: number): Exchange {
  const waiting = new Map<number, Waiting>();
  let lost: Error | undefined;
  const lose = (error: Error) => {
    lost ??= error;
    for (const { reject } of waiting.values()) reject(lost);
    waiting.clear();
  };
  const deliver = (message: ServerMessage) => {
    if ('event' in message) return;
    // An error without an id answers a line that QEMU could not even parse: it can only be the one that waits longest.
    const id = 'QMP' in message ? greetingId : (message.id ?? [...waiting.keys()][0] ?? greetingId);
    waiting.get(id)?.resolve(message);
    waiting.delete(id);
  };

  const messagesOf = qmpLines();
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    // What was read before the connection was given up is nobody's.
    if (socket.destroyed) return;
    try {
      for (const message of messagesOf(chunk)) deliver(serverMessage.parse(message));
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  });
  socket.on('error', lose);
  socket.on('close', () => lose(new Error('the monitor closed the connection')));

  const answerTo = async (id: number): Promise<ServerMessage> => {
    const timer = setTimeout(() => socket.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    try {
      return await new Promise<ServerMessage>((resolve, reject) => {
        if (lost === undefined) waiting.set(id, { resolve, reject });
        else reject(lost);
      });
    } finally {
      clearTimeout(timer);
    }
  };

  let lastId = greetingId;
  return {
    greeting: answerTo(greetingId),
    send(command) {
      lastId += 1;
      const answer = answerTo(lastId);
      socket.write(`${JSON.stringify({ ...command, id: lastId })}\n`);
      return answer;
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
