import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import express, { type NextFunction, type Request, type Response } from 'express';
import { ApiError } from './errors.ts';
import { handleRequest, type RawResponse, type RequestDependencies, refuseRequest } from './handle-request.ts';
import { giveBack } from './wire/xml-buffer.ts';

export interface EndpointLimits {
  readonly bodyBytes: number;
  /** Request line and headers together; a presigned request carries all its parameters there. */
  readonly headerBytes: number;
  /** How long a client may take to send its headers, so that one that sends a byte now and then holds no connection. */
  readonly headersTimeoutMs: number;
  /** How long it may take to send the whole request. */
  readonly requestTimeoutMs: number;
  /** How long a connection may idle between requests: longer than the pools of the SDKs keep one, so that it is they who close it. */
  readonly keepAliveTimeoutMs: number;
  /** How long `close` waits for requests under way. */
  readonly closeTimeoutMs: number;
}

export const defaultEndpointLimits: EndpointLimits = {
  bodyBytes: 1_048_576,
  headerBytes: 65_536,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  closeTimeoutMs: 10_000,
};

export interface EndpointDependencies extends RequestDependencies {
  /** Lines for GET /healthz, which anybody may ask: no addresses, no causes. */
  readonly describeHealth?: () => readonly string[];
  readonly limits?: Partial<EndpointLimits>;
}

export interface Endpoint {
  /** Port 0 takes a free one. Resolves when connections are accepted, with the address in use. */
  listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }>;
  /** Accepts nothing more, lets the requests under way finish within the limit, and ends. May be called more than once. */
  close(): Promise<void>;
}

/** The EC2 Query API over HTTP: bytes in, bytes out. What they mean is `handleRequest`'s matter. */
export function createEndpoint(deps: EndpointDependencies): Endpoint {
  const limits: EndpointLimits = { ...defaultEndpointLimits, ...deps.limits };
  const state = { isClosing: false };
  const server = createServer(
    {
      // An answer must not wait for the acknowledgement of the one before it: some clients delay theirs by 40 ms.
      noDelay: true,
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
    },
    createListener(deps, limits, state),
  );
  server.on('clientError', (error, socket) => refuseUnreadable(error, socket, deps));
  return {
    listen: (host, port) => listen(server, host, port),
    close: () => {
      state.isClosing = true;
      return close(server, limits.closeTimeoutMs);
    },
  };
}

/** Express' router without its application, which would give every request and response another prototype and so make all that Node does with them slow. */
function createListener(deps: EndpointDependencies, limits: EndpointLimits, state: { readonly isClosing: boolean }): RequestListener {
  const router = express.Router();
  router.get('/healthz', (_request, response) => {
    write(response, health(state.isClosing, deps.describeHealth?.() ?? []), state.isClosing);
  });
  router.use((request, response, next) => {
    if (request.method === 'GET' || request.method === 'POST') return next();
    const error = new ApiError('MethodNotAllowed', `The method ${request.method} is not allowed. Use POST or GET.`);
    const refusal = refuseRequest(error, deps);
    write(response, { ...refusal, headers: { ...refusal.headers, allow: 'GET, POST' } }, state.isClosing);
  });
  // The bytes are signed, so they are taken as they are, whatever type they claim to have.
  router.use(express.raw({ type: () => true, limit: limits.bodyBytes, inflate: false }));
  router.use(async (request, response) => {
    const answer = await handleRequest(
      {
        method: request.method,
        url: request.originalUrl,
        headers: request.headers,
        body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
        remoteAddress: request.socket.remoteAddress,
      },
      deps,
    );
    write(response, answer, state.isClosing);
  });
  // Express knows an error handler by its four parameters.
  router.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    if (response.headersSent || request.socket.destroyed) return;
    // Bytes of the refused body may still be on their way, so the connection cannot carry another request.
    write(response, refuseRequest(bodyError(error, limits), deps), true);
  });
  return (request, response) =>
    router(request as Request, response as Response, (error: unknown) => {
      deps.log.error({ error }, 'a request could not be answered');
      response.destroy();
    });
}

function health(isClosing: boolean, lines: readonly string[]): RawResponse {
  const body = Buffer.from([isClosing ? 'closing' : 'ok', ...lines].join('\n'));
  return {
    status: isClosing ? 503 : 200,
    headers: { 'content-type': 'text/plain;charset=UTF-8', 'content-length': String(body.length), 'cache-control': 'no-store' },
    body,
  };
}

/** Head and body leave in one write: `end` corks the socket around both. */
function write(response: ServerResponse, answer: RawResponse, closeConnection: boolean): void {
  response.writeHead(answer.status, closeConnection ? { ...answer.headers, connection: 'close' } : answer.headers);
  // Not before: as long as the connection is there, bytes of the body may still be on their way out of it.
  response.once('close', () => giveBack(answer.body));
  response.end(answer.body);
}

/** What kept Express from reading the body, in EC2's words. */
function bodyError(error: unknown, limits: EndpointLimits): ApiError {
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  if (type === 'entity.too.large') {
    return new ApiError('RequestEntityTooLarge', `The request body is larger than ${limits.bodyBytes} bytes.`, { cause: error });
  }
  if (type === 'encoding.unsupported') {
    return new ApiError('MalformedQueryString', 'The request body must not be compressed.', { cause: error });
  }
  return new ApiError('MalformedQueryString', 'The request could not be read.', { cause: error });
}

/** Answers what Node could not read as HTTP, or what came too slowly, before there is a request to answer. */
function refuseUnreadable(error: Error, socket: Duplex, deps: EndpointDependencies): void {
  const code = 'code' in error ? error.code : undefined;
  if (!socket.writable || code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { status, headers, body } = refuseRequest(unreadableError(error, code), deps);
  const head = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Refused\r\n${head.join('')}\r\n`), body]));
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
    server.listen(port, host, () => {
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
