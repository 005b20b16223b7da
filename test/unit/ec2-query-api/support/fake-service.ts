import type { OutgoingHttpHeaders } from 'node:http';
import aws4 from 'aws4';
import { Parser } from 'xml2js';
import type { ActionName } from '../../../../src/ec2-query-api/actions/action.ts';
import { actions } from '../../../../src/ec2-query-api/actions/table.ts';
import { createEndpoint, type EndpointLimits } from '../../../../src/ec2-query-api/endpoint.ts';
import {
  handleRequest,
  type RawRequest,
  type RawResponse,
  type RequestDependencies,
} from '../../../../src/ec2-query-api/handle-request.ts';
import { type AccountId, parseAccountId } from '../../../../src/model/ids.ts';
import type { Log } from '../../../../src/telemetry/log.ts';
import { departuresFromModel } from './conforms-to-model.ts';
import { type FakeBlockstore, fakeBlockstore } from './fake-blockstore.ts';

export const accessKeyId = 'AKIDEXAMPLE';
export const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
export const credentials = { accessKeyId, secretAccessKey };
export const accountId = accountIdOf('123456789012');
export const host = 'ec2.example.test:8773';

/** What was logged, to be looked at. */
export interface RecordingLog extends Log {
  readonly entries: { readonly level: string; readonly fields: object; readonly message: string }[];
}

export function recordingLog(): RecordingLog {
  const entries: RecordingLog['entries'] = [];
  const at = (level: string) => (fields: object, message: string) => {
    entries.push({ level, fields, message });
  };
  return { entries, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export interface FakeDependencies extends RequestDependencies {
  readonly blockstore: FakeBlockstore;
  readonly log: RecordingLog;
}

export function fakeDependencies(): FakeDependencies {
  let requests = 0;
  return {
    blockstore: fakeBlockstore(),
    lookUpAccessKey: async (id) => (id === accessKeyId ? { secretAccessKey, accountId } : undefined),
    signatures: { scope: 'lenient', acceptsVersion1: false },
    region: 'here-1',
    zones: ['here-1a'],
    clock: () => Date.now(),
    newRequestId: () => `request-${++requests}`,
    log: recordingLog(),
  };
}

/** A parameter list in the form that a client sends. */
export function form(params: Readonly<Record<string, string>>): string {
  return new URLSearchParams(params).toString();
}

/** A POST signed by aws4. `changes` are made after signing. */
export function signedPost(body: string, changes: Partial<RawRequest> & { readonly headers?: RawRequest['headers'] } = {}): RawRequest {
  const { headers: changedHeaders, ...changed } = changes;
  const signed = aws4.sign(
    {
      method: 'POST',
      path: '/',
      service: 'ec2',
      region: 'here-1',
      headers: { Host: host, 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body,
    },
    credentials,
  );
  return {
    method: 'POST',
    url: '/',
    headers: { ...lowerCased(signed.headers ?? {}), ...changedHeaders },
    body: Buffer.from(body),
    remoteAddress: '127.0.0.1',
    ...changed,
  };
}

/** A GET signed in its query by aws4. */
export function presignedGet(params: Readonly<Record<string, string>>, expiresSeconds = 60): RawRequest {
  const path = `/?${form({ ...params, 'X-Amz-Expires': String(expiresSeconds) })}`;
  const signed = aws4.sign(
    { method: 'GET', path, service: 'ec2', region: 'here-1', headers: { Host: host }, signQuery: true },
    credentials,
  );
  return { method: 'GET', url: signed.path ?? '', headers: { host }, body: Buffer.alloc(0), remoteAddress: '127.0.0.1' };
}

/** Node hands a server the names in lower case. */
export function lowerCased(headers: OutgoingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly xml: Record<string, unknown>;
}

/** Sends a signed request past HTTP, reads the answer, and holds it to the model. */
export async function call(params: Readonly<Record<string, string>>, deps: RequestDependencies): Promise<Answer> {
  const answer = await readAnswer(await handleRequest(signedPost(form(params)), deps));
  const { Action: action } = params;
  if (answer.status === 200 && action !== undefined && isServed(action)) {
    const departures = departuresFromModel(action, answer.xml[`${action}Response`]);
    if (departures.length > 0) throw new Error(`the answer is not as the model has it: ${departures.join('; ')}`);
  }
  return answer;
}

function isServed(action: string): action is ActionName {
  return Object.hasOwn(actions, action);
}

export async function readAnswer(response: RawResponse): Promise<Answer> {
  const text = response.body.toString('utf8');
  const xml: unknown = await new Parser({ explicitArray: false }).parseStringPromise(text);
  return { status: response.status, headers: response.headers, text, xml: xml as Record<string, unknown> };
}

/** Status and code of an error, and that it is one in EC2's form. */
export function errorOf({ status, text, headers }: Answer): { readonly status: number; readonly code: string; readonly message: string } {
  const pattern =
    /<Response><Errors><Error><Code>([^<]+)<\/Code><Message>([^<]+)<\/Message><\/Error><\/Errors><RequestID>([^<]+)<\/RequestID><\/Response>$/;
  const [, code, message, requestId] = pattern.exec(text) ?? [];
  if (code === undefined || message === undefined) throw new Error(`not an EC2 error: ${text}`);
  if (requestId !== headers['x-amzn-requestid']) throw new Error(`two request ids: ${requestId} and ${headers['x-amzn-requestid']}`);
  return { status, code, message: message.replaceAll('&quot;', '"') };
}

export interface FakeService {
  readonly deps: FakeDependencies;
  readonly endpoint: string;
  readonly port: number;
  close(): Promise<void>;
}

export async function startFakeService(limits: Partial<EndpointLimits> = {}): Promise<FakeService> {
  const deps = fakeDependencies();
  const endpoint = createEndpoint({ ...deps, limits });
  const { port } = await endpoint.listen('127.0.0.1', 0);
  return { deps, endpoint: `http://127.0.0.1:${port}`, port, close: () => endpoint.close() };
}

function accountIdOf(text: string): AccountId {
  const id = parseAccountId(text);
  if (id === undefined) throw new Error(`no account id: ${text}`);
  return id;
}
