import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as realSleep } from 'node:timers/promises';
import express, { type NextFunction, type Request, type Response } from 'express';
import { type Connection, type ConnectionLimits, type ConnectionTable, defaultConnectionLimits } from '../http-server/connection-table.ts';
import { endUnreadable, guardServer } from '../http-server/guard-server.ts';
import { ourHosts } from '../http-server/host-names.ts';
import { createOrigins, type Origins } from '../http-server/origin.ts';
import { readBody, skipBody } from '../http-server/read-body.ts';
import { sendAnswer } from '../http-server/send-answer.ts';
import { noteArrival } from '../sharing/turn.ts';
import { ApiError } from './errors.ts';
import { createFailedProofs, defaultFailedProofLimits, type FailedProofLimits } from './failed-proofs.ts';
import { handleRequest, type IncomingRequest, type RawResponse, type RequestDependencies, refuseRequest } from './handle-request.ts';
import { createRefusalLog, type RefusalLog } from './refusal-log.ts';
import { giveBack } from './wire/xml-buffer.ts';

export interface EndpointLimits extends ConnectionLimits {
  readonly bodyBytes: number;
  /** Request line and headers together; a presigned request carries all its parameters there. */
  readonly headerBytes: number;
  /** How long `close` waits for requests under way. */
  readonly closeTimeoutMs: number;
  readonly failedProofs: FailedProofLimits;
}

export const defaultEndpointLimits: EndpointLimits = {
  ...defaultConnectionLimits,
  bodyBytes: 1_048_576,
  headerBytes: 65_536,
  closeTimeoutMs: 10_000,
  failedProofs: defaultFailedProofLimits,
};

export interface EndpointDependencies extends RequestDependencies {
  readonly limits?: Partial<EndpointLimits>;
  /** Addresses of proxies, or their networks, whose `X-Forwarded-For` tells who asks. */
  readonly trustedProxies?: readonly string[];
  /** How answers are kept back; in a test perhaps not at all. */
  readonly sleep?: (milliseconds: number) => Promise<unknown>;
  /** Names that `GET /healthz` may be asked by, besides addresses and `localhost`. */
  readonly hostNames?: readonly string[];
}

export interface Endpoint {
  /** Port 0 takes a free one. Resolves when connections are accepted, with the address in use. */
  listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }>;
  /** Accepts nothing more, lets the requests under way finish within the limit, and ends. May be called more than once. */
  close(): Promise<void>;
}

/**
 * How many connections may wait to be accepted; the system may allow fewer (Linux: net.core.somaxconn). Whoever comes when there are more is told nothing and tries
 * again after a second, and three, and seven: who brings thousands at once must not fill the line.
 */
const mostUnaccepted = 4_096;
/** How often what was refused again is written down. */
const refusalsEveryMs = 60_000;

/** All that a listener needs to answer. */
interface Serving {
  readonly deps: EndpointDependencies;
  readonly limits: EndpointLimits;
  readonly origins: Origins;
  readonly table: ConnectionTable;
  readonly state: { readonly isClosing: boolean };
}

/** The EC2 Query API over HTTP: bytes in, bytes out. What they mean is `handleRequest`'s matter. */
export function createEndpoint(given: EndpointDependencies): Endpoint {
  const limits: EndpointLimits = { ...defaultEndpointLimits, ...given.limits };
  const refusals = createRefusalLog(given.log);
  const door = {
    failedProofs: createFailedProofs(limits.failedProofs, given.clock),
    sleep: given.sleep ?? realSleep,
    noteRefusal: refusals.note,
    ...given.door,
  };
  const deps = { ...given, door };
  const state = { isClosing: false };
  const origins = createOrigins(deps.trustedProxies ?? []);
  const server = createServer({
    // An answer must not wait for the acknowledgement of the one before it: some clients delay theirs by 40 ms.
    noDelay: true,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
  });
  const table = guardServer(server, limits, {
    origins,
    onDropped: (reason, { address, network }) =>
      door.noteRefusal({ code: reason, network, fields: { remoteAddress: address }, message: 'connection ended' }),
  });
  server.on('request', createListener({ deps, limits, origins, table, state }));
  server.on('connection', noteArrival);
  server.on('clientError', (error, socket) => refuseUnreadable(error, socket as Socket, deps, table));
  const stopWriting = writeAgain(refusals);
  return {
    listen: (host, port) => listen(server, host, port),
    close: async () => {
      state.isClosing = true;
      await close(server, limits.closeTimeoutMs);
      stopWriting();
    },
  };
}

function writeAgain(refusals: RefusalLog): () => void {
  const timer = setInterval(refusals.flush, refusalsEveryMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    refusals.flush();
  };
}

/** Express' router without its application, which would give every request and response another prototype and so make all that Node does with them slow. */
function createListener(serving: Serving): RequestListener {
  const { deps, table, state } = serving;
  const isOurHost = ourHosts(deps.hostNames ?? []);
  const router = express.Router();
  router.get('/healthz', (request, response) => {
    write(request, response, isOurHost(request.headers.host) ? health(state.isClosing) : misdirected(), serving);
  });
  router.use((request, response, next) => {
    if (request.method === 'GET' || request.method === 'POST') return next();
    const error = new ApiError('MethodNotAllowed', `The method ${request.method} is not allowed. Use POST or GET.`);
    const refusal = refuseRequest(error, deps, table.of(request.socket)?.origin);
    write(request, response, { ...refusal, headers: { ...refusal.headers, allow: 'GET, POST' } }, serving);
  });
  router.use(async (request, response) => {
    const connection = table.of(request.socket);
    if (connection === undefined) return void response.destroy();
    const answer = await handleRequest(asIncoming(request, connection, serving), deps);
    write(request, response, answer, serving);
  });
  // Express knows an error handler by its four parameters.
  router.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    if (response.headersSent || request.socket.destroyed) return;
    const unreadable = new ApiError('MalformedQueryString', 'The request could not be read.', { cause: error });
    write(request, response, refuseRequest(unreadable, deps, table.of(request.socket)?.origin), serving);
  });
  const answer = (request: IncomingMessage, response: ServerResponse) =>
    router(request as Request, response as Response, (error: unknown) => {
      deps.log.error({ error }, 'a request could not be answered');
      response.destroy();
    });
  return (request, response) => {
    const connection = table.of(request.socket);
    if (connection === undefined) response.destroy();
    else connection.inTurn(request, () => answer(request, response));
  };
}

function asIncoming(request: Request, connection: Connection, { limits, origins }: Serving): IncomingRequest {
  const forwardedFor = request.headers['x-forwarded-for'];
  return {
    method: request.method,
    url: request.originalUrl,
    headers: request.headers,
    origin: origins.ofRequest(connection.origin, typeof forwardedFor === 'string' ? forwardedFor : undefined),
    mostBodyBytes: limits.bodyBytes,
    async readBody(mostBytes) {
      const encoding = request.headers['content-encoding'];
      // The bytes are signed, so they are taken as they are, whatever type they claim to have.
      if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
        throw new ApiError('MalformedQueryString', 'The request body must not be compressed.');
      }
      const body = await readBody(request, mostBytes, connection).catch((cause: unknown) => {
        throw new ApiError('MalformedQueryString', 'The request could not be read.', { cause });
      });
      connection.working();
      return body;
    },
  };
}

/** For anybody: which clouds there are, and how they do, is told at the address of the metrics. */
function health(isClosing: boolean): RawResponse {
  return plainText(isClosing ? 503 : 200, isClosing ? 'closing' : 'ok');
}

function misdirected(): RawResponse {
  return plainText(421, 'Not asked by a name of this service; see hostNames in its settings.\n');
}

function plainText(status: number, text: string): RawResponse {
  const body = Buffer.from(text);
  return {
    status,
    headers: { 'content-type': 'text/plain;charset=UTF-8', 'content-length': String(body.length), 'cache-control': 'no-store' },
    body,
  };
}

/** What was refused before its body was read is answered after it, or its bytes would be taken for the next request. */
function write(request: IncomingMessage, response: ServerResponse, answer: RawResponse, serving: Serving): void {
  const { limits, state } = serving;
  if (request.readableEnded) writeNow(response, answer, serving, state.isClosing);
  else {
    skipBody(request, limits.bodyBytes)
      .then((isOver) => writeNow(response, answer, serving, state.isClosing || !isOver))
      .catch(() => response.destroy());
  }
}

function writeNow(response: ServerResponse, answer: RawResponse, { table }: Serving, closeConnection: boolean): void {
  const connection = response.socket === null ? undefined : table.of(response.socket);
  if (connection === undefined) return void response.destroy();
  response.writeHead(answer.status, closeConnection ? { ...answer.headers, connection: 'close' } : answer.headers);
  // Not before: as long as the connection is there, bytes of the body may still be on their way out of it.
  sendAnswer(response, answer.body, connection, () => giveBack(answer.body));
}

/** Answers what Node could not read as HTTP, or what came too slowly, before there is a request to answer. */
function refuseUnreadable(error: Error, socket: Socket, deps: EndpointDependencies, table: ConnectionTable): void {
  const code = 'code' in error ? error.code : undefined;
  const connection = code === 'ECONNRESET' ? undefined : table.of(socket);
  endUnreadable(socket, connection, () => {
    const { status, headers, body } = refuseRequest(unreadableError(error, code), deps, connection?.origin);
    const head = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Refused\r\n${head.join('')}\r\n`), body]);
  });
}

function unreadableError(cause: Error, code: unknown): ApiError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new ApiError('RequestEntityTooLarge', 'The request line and headers are too large.', { cause });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new ApiError('RequestExpired', 'The request did not arrive in time.', { cause });
  return new ApiError('MalformedQueryString', 'The request is not valid HTTP.', { cause });
}

function listen(server: Server, host: string, port: number): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(listenError(error, host, port));
    server.once('error', fail);
    server.listen({ host, port, backlog: mostUnaccepted }, () => {
      server.off('error', fail);
      const address = server.address();
      const isInet = typeof address === 'object' && address !== null;
      resolve({ host, port: isInet ? address.port : port });
    });
  });
}

function listenError(cause: Error, host: string, port: number): Error {
  const code = 'code' in cause ? cause.code : undefined;
  const where = `${host}:${port}`;
  if (code === 'EADDRINUSE') return new Error(`${where} is in use by another process: stop it, or set another port.`, { cause });
  if (code === 'EACCES') return new Error(`${where} may not be opened by this user: set a port above 1023.`, { cause });
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new Error(`${host} is no address of this machine: set one that is, or 0.0.0.0 for all.`, { cause });
  }
  return new Error(`cannot listen on ${where}: ${cause.message}`, { cause });
}

async function close(server: Server, timeoutMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const limit = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await closed;
  clearTimeout(limit);
}
