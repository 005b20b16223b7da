import { Agent, request } from 'node:http';
import aws4 from 'aws4';
import type { ServiceProcess } from './service-process.ts';

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A request that is signed and ready to be sent. */
export interface PreparedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Speaks the EC2 Query API over connections that are kept, one without more said, and does no more than that: what it costs itself is little beside what it measures. */
export interface QueryClient {
  /** The same for any body, as it stands. */
  prepareBody(body: string): PreparedRequest;
  /** Signing is apart from sending, so that it is not measured. */
  prepare(action: string, parameters?: Readonly<Record<string, string>>): PreparedRequest;
  /** Resolves with the whole answer. Rejects when it is not 200. */
  send(prepared: PreparedRequest): Promise<string>;
  /** The status of the answer, whatever it is. */
  status(prepared: PreparedRequest): Promise<number>;
  ask(action: string, parameters?: Readonly<Record<string, string>>): Promise<string>;
  /** GET without a signature; `undefined` when nobody listens. */
  get(path: string): Promise<number | undefined>;
  close(): void;
}

export interface QueryClientOptions {
  /** The address to come from, for one that is not to be taken for another on the same machine. */
  readonly localAddress?: string;
  readonly connections?: number;
}

export function createQueryClient(
  { host, port }: Pick<ServiceProcess, 'host' | 'port'>,
  key: AccessKey,
  { localAddress, connections = 1 }: QueryClientOptions = {},
): QueryClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });

  const prepareBody: QueryClient['prepareBody'] = (body) => {
    const { headers = {} } = aws4.sign(
      {
        host: `${host}:${port}`,
        method: 'POST',
        path: '/',
        service: 'ec2',
        region: 'us-east-1',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
        body,
      },
      key,
    );
    return { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])), body };
  };

  const prepare: QueryClient['prepare'] = (action, parameters = {}) =>
    prepareBody(new URLSearchParams({ Action: action, Version: '2016-11-15', ...parameters }).toString());

  const exchange = (method: string, path: string, headers: Readonly<Record<string, string>>, body: string) =>
    new Promise<{ readonly status: number; readonly body: string }>((resolve, reject) => {
      const outgoing = request(
        { agent, host, port, method, path, headers, ...(localAddress !== undefined && { localAddress }) },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('latin1') }));
          answer.once('error', reject);
        },
      );
      outgoing.once('error', reject);
      outgoing.end(body);
    });

  const send: QueryClient['send'] = async ({ headers, body }) => {
    const answer = await exchange('POST', '/', headers, body);
    if (answer.status !== 200) {
      throw new Error(`the service answered ${answer.status}: ${answer.body.slice(0, 500)}`);
    }
    return answer.body;
  };

  return {
    prepare,
    prepareBody,
    send,
    status: async ({ headers, body }) => (await exchange('POST', '/', headers, body)).status,
    ask: (action, parameters) => send(prepare(action, parameters)),
    get: (path) =>
      exchange('GET', path, {}, '').then(
        ({ status }) => status,
        () => undefined,
      ),
    close: () => agent.destroy(),
  };
}
