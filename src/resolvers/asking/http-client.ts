import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { CloudUnavailable } from '../cloud-resolver.ts';
import type { TimeLimit } from '../time-limit.ts';
import { troubleOf } from './http-trouble.ts';
import { type TlsMaterial, type TlsSettings, tlsMaterial } from './tls-settings.ts';

export interface HttpQuestion {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Asks servers that are not trusted to behave: the answer is bounded in time and size, and a redirect is not followed. */
export interface HttpClient {
  /** Whatever the status is, but a redirect. Throws CloudUnavailable when no whole answer came. */
  ask(question: HttpQuestion, limit: TimeLimit): Promise<HttpAnswer>;
}

/** What a cloud with some thousand VMs says of all of them has less. */
const answerLimitBytes = 16 * 1024 * 1024;
const maxSockets = 32;
/** Shorter than servers keep theirs, so that it is mostly this side that closes an idle connection. */
const idleMs = 4_000;

export function httpClient(tls?: TlsSettings): HttpClient {
  const material = tls === undefined ? undefined : tlsMaterial(tls);
  const http = new HttpAgent({ keepAlive: true, maxSockets, timeout: idleMs });
  let https: { readonly agent: HttpsAgent; readonly material: TlsMaterial | undefined } | undefined;

  /** Connections that were made with an old certificate are not used once there is a new one. */
  const httpsAgent = (): HttpsAgent => {
    const now = material?.();
    if (https === undefined || https.material !== now) {
      https?.agent.destroy();
      https = { agent: new HttpsAgent({ keepAlive: true, maxSockets, timeout: idleMs, ...now }), material: now };
    }
    return https.agent;
  };

  const start = ({ method, url, headers, body }: HttpQuestion, signal: AbortSignal): ClientRequest => {
    const { protocol } = new URL(url);
    const options = {
      method,
      signal,
      headers: {
        'accept-encoding': 'identity',
        ...headers,
        ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      },
    };
    return protocol === 'https:' ? httpsRequest(url, { ...options, agent: httpsAgent() }) : httpRequest(url, { ...options, agent: http });
  };

  const askOnce = async (question: HttpQuestion, limit: TimeLimit): Promise<HttpAnswer> => {
    const request = start(question, limit.signal);
    try {
      request.end(question.body);
      const response = await responseTo(request);
      const { statusCode: status = 0, headers } = response;
      const text = await textOf(response);
      if (status >= 300 && status < 400) {
        throw new CloudUnavailable(`${originOf(question.url)} redirects to ${headers.location ?? 'elsewhere'} (status ${status})`, {
          hint: 'redirects are not followed; put the address that it leads to into the settings, if it is the right one',
        });
      }
      return { status, headers, text };
    } catch (cause) {
      // Closes the connection of an answer that was not read to its end.
      request.destroy();
      if (request.reusedSocket && !limit.signal.aborted && (cause as NodeJS.ErrnoException).code === 'ECONNRESET') {
        throw new ConnectionWasStale(cause);
      }
      throw cause instanceof CloudUnavailable ? cause : troubleOf(originOf(question.url), cause);
    }
  };

  return {
    async ask(question, limit) {
      for (;;) {
        try {
          return await askOnce(question, limit);
        } catch (cause) {
          // The server closed an idle connection just as the question came; all questions may be asked twice, and each stale connection is used up.
          if (!(cause instanceof ConnectionWasStale)) throw cause;
        }
      }
    },
  };
}

class ConnectionWasStale extends Error {
  constructor(cause: unknown) {
    super('the server closed an idle connection', { cause });
    this.name = 'ConnectionWasStale';
  }
}

function responseTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    // Stays, for errors that come after the response.
    request.on('error', reject);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerLimitBytes) {
      throw new CloudUnavailable(`the answer is longer than ${answerLimitBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Without path and query, which may hold ids and tokens. */
function originOf(url: string): string {
  return new URL(url).origin;
}
