import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Log } from './log.ts';
import type { Measurement } from './measurement.ts';
import type { PrometheusPage } from './prometheus.ts';

export interface MetricsEndpoint {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * `GET /metrics` at an address of its own, for whoever can reach it: nothing is asked of them. Port 0 takes a free one. Rejects with the
 * reason when the address cannot be had. What writes the page is loaded when it is asked for the first time: a start does not wait for it,
 * and a site that nobody measures does without.
 */
export async function serveMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  { measurements, log }: { readonly measurements: readonly Measurement[]; readonly log: Log },
): Promise<MetricsEndpoint> {
  let loading: Promise<PrometheusPage> | undefined;
  const page = (): Promise<PrometheusPage> => {
    loading ??= import('./prometheus.ts').then(({ prometheusPage }) => prometheusPage(measurements));
    return loading;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url?.split('?')[0] !== '/metrics') {
      return say(response, 404, 'Metrics are at /metrics.\n');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return say(response, 405, 'Ask by GET.\n');
    }
    try {
      const { contentType, text } = await page();
      const body = await text();
      response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' });
      response.end(request.method === 'HEAD' ? undefined : body);
    } catch (cause) {
      log.error({ err: cause }, 'the metrics could not be read');
      say(response, 500, 'The metrics could not be read; the log says why.\n');
    }
  };
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000 }, (request, response) => {
    // Whatever a request has for a body is of no use here.
    request.resume();
    void answer(request, response);
  });
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

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain;charset=UTF-8' }).end(text);
}
