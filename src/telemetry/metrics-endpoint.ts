import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Connection, type ConnectionLimits, defaultConnectionLimits } from '../http-server/connection-table.ts';
import { endUnreadable, guardServer } from '../http-server/guard-server.ts';
import { ourHosts } from '../http-server/host-names.ts';
import { createOrigins } from '../http-server/origin.ts';
import { sendAnswer } from '../http-server/send-answer.ts';
import type { Log } from './log.ts';
import type { Measurement } from './measurement.ts';
import type { PrometheusPage } from './prometheus.ts';

export interface MetricsEndpoint {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface MetricsDependencies {
  readonly measurements: readonly Measurement[];
  /** Lines for `GET /healthz`. */
  readonly describeHealth: () => readonly string[];
  /** By which it may be asked, besides addresses and `localhost`. */
  readonly hostNames: readonly string[];
  readonly limits?: Partial<ConnectionLimits>;
  readonly log: Log;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text: string;
}

/**
 * `GET /metrics` and `GET /healthz` at an address of their own, for whoever can reach it: nothing is asked of them but that they ask by a name of ours. Port 0
 * takes a free one. Rejects with the reason when the address cannot be had. What writes the page is loaded when it is asked for the first time: a start does not
 * wait for it, and a site that nobody measures does without.
 */
export async function serveMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  { measurements, describeHealth, hostNames, limits: givenLimits, log }: MetricsDependencies,
): Promise<MetricsEndpoint> {
  const isOurHost = ourHosts(hostNames);
  let loading: Promise<PrometheusPage> | undefined;
  const page = (): Promise<PrometheusPage> => {
    loading ??= import('./prometheus.ts').then(({ prometheusPage }) => prometheusPage(measurements));
    return loading;
  };
  const metrics = async (): Promise<Answer> => {
    try {
      const { contentType, text } = await page();
      return { status: 200, headers: { 'content-type': contentType }, text: await text() };
    } catch (cause) {
      log.error({ err: cause }, 'the metrics could not be read');
      return { status: 500, text: 'The metrics could not be read; the log says why.\n' };
    }
  };
  const pages: Readonly<Record<string, () => Answer | Promise<Answer>>> = {
    '/metrics': metrics,
    '/healthz': () => ({ status: 200, text: ['ok', ...describeHealth()].join('\n') }),
  };
  const answer = async ({ url, method, headers }: IncomingMessage): Promise<Answer> => {
    if (!isOurHost(headers.host)) return { status: 421, text: 'Not asked by a name of this service; see hostNames in its settings.\n' };
    const path = url?.split('?')[0] ?? '';
    const asked = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (asked === undefined) return { status: 404, text: 'Metrics are at /metrics, and how clouds are at /healthz.\n' };
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { allow: 'GET, HEAD' }, text: 'Ask by GET.\n' };
    return asked();
  };

  const limits = { ...defaultConnectionLimits, ...givenLimits };
  const server = createServer({ headersTimeout: limits.headersTimeoutMs, requestTimeout: limits.requestTimeoutMs });
  const table = guardServer(server, limits, {
    origins: createOrigins([]),
    onDropped: (reason, { address }) => log.debug({ reason, remoteAddress: address }, 'a connection for the metrics was ended'),
  });
  server.on('request', (request, response) => {
    // Whatever a request has for a body is of no use here.
    request.resume();
    const connection = table.of(request.socket);
    if (connection === undefined) response.destroy();
    else connection.inTurn(request, () => void answer(request).then((given) => send(request, response, given, connection)));
  });
  server.on('clientError', (_error, socket) => endUnreadable(socket as Socket, table.of(socket as Socket), () => badRequest));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    host,
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const badRequest = Buffer.from('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');

function send(request: IncomingMessage, response: ServerResponse, { status, headers, text }: Answer, connection: Connection): void {
  const body = Buffer.from(text);
  response.writeHead(status, {
    'content-type': 'text/plain;charset=UTF-8',
    'content-length': body.length,
    'cache-control': 'no-store',
    ...headers,
  });
  sendAnswer(response, request.method === 'HEAD' ? Buffer.alloc(0) : body, connection, () => undefined);
}
