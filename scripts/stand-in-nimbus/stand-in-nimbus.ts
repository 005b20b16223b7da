import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { answerEc2, type FrontEndKey } from './ec2-front-end.ts';
import type { NimbusWorkspace } from './nimbus-workspace.ts';
import type { Telling } from './soap-answers.ts';
import { answerSoap } from './workspace-services.ts';

export interface StandInNimbusOptions extends Partial<Telling> {
  readonly workspaces: readonly NimbusWorkspace[];
  /** TLS with client certificates of the authority; without it, plain HTTP. Paths of files in PEM. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
  /** Speaks TLS 1.0 and nothing newer, as the container of the time does. */
  readonly isOld?: boolean;
  /** Who asks, as a front that ends TLS would say; for plain HTTP. */
  readonly plainCaller?: string;
  readonly keys?: readonly FrontEndKey[];
  /** What goes wrong: whoever asks for a workspace is told of this one, as by a proxy that mixes up answers. */
  readonly tellsOf?: number;
  /** What goes wrong: the status service lists these alone. */
  readonly lists?: readonly number[];
}

/** A server that behaves as a Nimbus does to the one who asks where a workspace runs. It runs nothing. */
export interface StandInNimbus {
  /** Of the services, for the setting url. */
  readonly url: string;
  /** Of the EC2 front end. */
  readonly ec2Url: string;
  /** What `nimbus-admin --list --json` prints. */
  adminListing(): string;
  close(): Promise<void>;
}

/** Ports are free ones of this machine. */
export async function startStandInNimbus(options: StandInNimbusOptions): Promise<StandInNimbus> {
  const { workspaces, isPatched = false, tellsHost = true, keys = [] } = options;
  const container = serverOf(options, async (request, response) => {
    const { status, text } = answerSoap(
      { path: request.url ?? '', body: await bodyOf(request), caller: callerOf(request, options), now: new Date().toISOString() },
      workspaces,
      { isPatched, tellsHost },
      options,
    );
    response.writeHead(status, { 'content-type': 'text/xml; charset=utf-8', connection: 'close' }).end(text);
  });
  const frontEnd = serverOf(options, async (request, response) => {
    const host = request.headers.host ?? '';
    const { status, text } = answerEc2({ host, path: request.url ?? '', body: await bodyOf(request) }, workspaces, keys);
    response.writeHead(status, { 'content-type': 'text/xml' }).end(text);
  });
  const scheme = options.tls === undefined ? 'http' : 'https';
  return {
    url: `${scheme}://127.0.0.1:${await listen(container)}/wsrf/services`,
    ec2Url: `${scheme}://127.0.0.1:${await listen(frontEnd)}`,
    adminListing: () => adminListing(workspaces),
    async close() {
      await Promise.all([end(container), end(frontEnd)]);
    },
  };
}

function serverOf(
  { tls, isOld = false }: StandInNimbusOptions,
  listener: (...given: Parameters<RequestListener>) => Promise<void>,
): Server {
  const answer: RequestListener = (request, response) => {
    listener(request, response).catch((cause: unknown) => {
      response.writeHead(400, { 'content-type': 'text/plain' }).end(cause instanceof Error ? cause.message : String(cause));
    });
  };
  return tls === undefined
    ? createHttpServer(answer)
    : createHttpsServer(
        {
          ca: readFileSync(tls.ca),
          cert: readFileSync(tls.cert),
          key: readFileSync(tls.key),
          // Asked for and not required: it is the service that refuses who shows none.
          requestCert: true,
          rejectUnauthorized: false,
          ...(isOld && ({ minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const)),
        },
        answer,
      );
}

/** The name in the certificate as the grid writes it: /O=Grid/CN=Alice. One that the authority did not sign names nobody. */
function callerOf({ socket }: IncomingMessage, { plainCaller }: StandInNimbusOptions): string | undefined {
  if (!(socket instanceof TLSSocket)) {
    return plainCaller;
  }
  const subject = socket.authorized ? socket.getPeerX509Certificate()?.subject : undefined;
  return subject === undefined ? undefined : subject.replace(/^/gm, '/').replaceAll('\n', '');
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** As the tool prints it: an equals sign escaped. */
function adminListing(workspaces: readonly NimbusWorkspace[]): string {
  const rows = workspaces.map(({ id, vmm, owner, state, startsAt, endsAt, memoryMiB, cpus }) => ({
    id: String(id),
    node: vmm ?? null,
    group_id: '1',
    group_name: 'UNLIMITED',
    creator: owner,
    state,
    'start time': startsAt,
    'end time': endsAt,
    memory: String(memoryMiB),
    'cpu count': String(cpus ?? -1),
    uri: '',
  }));
  return `${JSON.stringify(rows).replaceAll('=', '\\u003d')}\n`;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function end(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
