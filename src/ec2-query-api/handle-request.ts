import type { IncomingHttpHeaders } from 'node:http';
import type { Blockstore } from '../blockstore/blockstore.ts';
import type { Origin } from '../http-server/origin.ts';
import type { Caller } from '../model/caller.ts';
import type { Log } from '../telemetry/log.ts';
import { type Action, type ActionContext, type ActionName, refuseUnhonoured } from './actions/action.ts';
import { actions } from './actions/table.ts';
import { unsupportedActions } from './actions/unsupported-actions.ts';
import { actionNames, operations, type Requests, requestStructures, responseStructures } from './api-model/operations.ts';
import { ApiError, errorAnswer, requestLimitExceeded } from './errors.ts';
import type { FailedProofs } from './failed-proofs.ts';
import type { RequestLimits } from './limits/request-limits.ts';
import type { Refusal } from './refusal-log.ts';
import {
  type ArrivingRequest,
  type Authenticated,
  authenticate,
  type LookUpAccessKey,
  NotProved,
  type SignatureRules,
} from './signature/authenticate.ts';
import { decode } from './wire/decode.ts';
import { compileEncoder, type EncodeResponse, encodeError } from './wire/encode.ts';
import { nestParams, type ParamTree, shorten } from './wire/nest-params.ts';
import type { FormParams } from './wire/parse-form.ts';

/** A request as it came over HTTP, whole. */
export interface RawRequest {
  readonly method: string;
  /** Path and query, still encoded. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly remoteAddress: string | undefined;
}

/** One whose body is still to come. */
export interface IncomingRequest extends Omit<RawRequest, 'body' | 'remoteAddress'>, Pick<ArrivingRequest, 'mostBodyBytes' | 'readBody'> {
  readonly origin: Origin;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface RequestDependencies {
  readonly blockstore: Blockstore;
  readonly lookUpAccessKey: LookUpAccessKey;
  readonly signatures: SignatureRules;
  readonly region: string;
  readonly zones: readonly string[];
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly newRequestId: () => string;
  readonly log: Log;
  /** Without them, whatever comes is answered as it comes. */
  readonly requestLimits?: RequestLimits;
  /** Host and port for clients, where they differ from the `Host` that clients send. */
  readonly publicEndpoint?: string;
  /** What those meet who prove nothing. Without it none is slowed, and each refusal is a line of the log. */
  readonly door?: Door;
}

export interface Door {
  readonly failedProofs: FailedProofs;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly noteRefusal: (refusal: Refusal) => void;
}

/** What the log line of a request tells, filled in as the request gets on. */
interface RequestTrace {
  action?: string;
  caller?: Caller;
}

const defaultVersion = '2016-11-15';
/** A wrong key and a wrong signature are answered after the same time, although only one of them has cost any. */
const leastNotProvedMs = 20;

/** Answers one request of the EC2 Query API. Never throws: whatever goes wrong becomes an EC2 error. */
export async function handleRequest(given: RawRequest | IncomingRequest, deps: RequestDependencies): Promise<RawResponse> {
  const request = 'body' in given ? asIncoming(given) : given;
  const requestId = deps.newRequestId();
  const startedAtMs = deps.clock();
  const trace: RequestTrace = {};
  const fields = (status: number) => ({
    status,
    requestId,
    action: trace.action,
    accountId: trace.caller?.accountId,
    accessKeyId: trace.caller?.accessKeyId,
    remoteAddress: request.origin.address,
    durationMs: deps.clock() - startedAtMs,
  });
  try {
    const body = await answer(request, deps, requestId, trace);
    deps.log.info(fields(200), 'request answered');
    return respond(200, body, requestId);
  } catch (error) {
    const { code, status, message } = errorAnswer(error);
    if (trace.caller === undefined && error instanceof ApiError) {
      noteUnproved(error, request, deps, { reason: message, ...fields(status) });
      await keepBack(error, request, deps, startedAtMs);
    } else if (status === 500) deps.log.error({ code, error, ...fields(status) }, 'request failed by an error of the service');
    // The operator's to mend, and the client is told little of it; but for a limit, which works as it is meant to.
    else if (status === 503 && code !== requestLimitExceeded)
      deps.log.warn({ code, reason: message, error: (error as Error).cause, ...fields(status) }, 'request refused');
    else deps.log.info({ code, reason: message, ...fields(status) }, 'request refused');
    return respond(status, encodeError({ code, message }, requestId), requestId);
  }
}

/** An EC2 error for a request that could not even be read as one. */
export function refuseRequest(
  error: ApiError,
  deps: Pick<RequestDependencies, 'newRequestId' | 'log' | 'door'>,
  origin?: Origin,
): RawResponse {
  const requestId = deps.newRequestId();
  const { code, status, message } = errorAnswer(error);
  const fields = { requestId, status, reason: message, remoteAddress: origin?.address };
  note({ code, network: origin?.network ?? '', fields, message: 'request refused' }, deps);
  return respond(status, encodeError({ code, message }, requestId), requestId);
}

function note(refusal: Refusal, { door, log }: Pick<RequestDependencies, 'log' | 'door'>): void {
  if (door === undefined) log.info({ code: refusal.code, ...refusal.fields }, refusal.message);
  else door.noteRefusal(refusal);
}

function noteUnproved(error: ApiError, { origin }: IncomingRequest, deps: RequestDependencies, fields: object): void {
  note({ code: error.code, network: origin.network, fields, message: 'request refused' }, deps);
  if (error instanceof NotProved && deps.door?.failedProofs.failed(origin, error.accessKeyId, error.reason)) {
    const message =
      'an address is refused for a while, since it failed with many keys; were it a proxy, it would belong to limits.trustedProxies';
    note({ code: 'refused for a while', network: origin.network, fields: { remoteAddress: origin.address }, message }, deps);
  }
}

/** Holds nothing of the request but its connection, and of those every address has only so many. */
async function keepBack(
  error: ApiError,
  { origin }: IncomingRequest,
  { door, clock }: RequestDependencies,
  startedAtMs: number,
): Promise<void> {
  if (door === undefined) return;
  const leastMs = error instanceof NotProved ? leastNotProvedMs - (clock() - startedAtMs) : 0;
  const delayMs = Math.max(door.failedProofs.delayMs(origin), leastMs);
  if (delayMs > 0) await door.sleep(delayMs);
}

function asIncoming({ body, remoteAddress = '', ...request }: RawRequest): IncomingRequest {
  const origin = { address: remoteAddress, network: remoteAddress, isShared: false };
  return {
    ...request,
    origin,
    mostBodyBytes: Number.POSITIVE_INFINITY,
    readBody: async (mostBytes) => (body.length > mostBytes ? undefined : body),
  };
}

async function answer(request: IncomingRequest, deps: RequestDependencies, requestId: string, trace: RequestTrace): Promise<Buffer> {
  const { caller, members: params } = await prove(request, deps);
  trace.caller = caller;
  const { action, version, members } = readEnvelope(params);
  trace.action = shorten(action);
  const name = servedAction(action);
  const respondTo = async () => {
    const response = await perform(name, members, {
      caller,
      blockstore: deps.blockstore,
      region: deps.region,
      zones: deps.zones,
      endpoint: deps.publicEndpoint ?? request.headers.host ?? '',
    });
    return encoderOf(name)(response, { version, requestId });
  };
  if (deps.requestLimits === undefined) {
    return respondTo();
  }
  const proved = { accountId: caller.accountId, action: name, members };
  deps.requestLimits.count(proved);
  return deps.requestLimits.inTurn(proved, respondTo);
}

async function prove(request: IncomingRequest, { door, ...deps }: RequestDependencies): Promise<Authenticated> {
  const { method, headers, origin, mostBodyBytes, readBody } = request;
  const refusal = () =>
    new ApiError('RequestLimitExceeded', 'Requests from this address are refused for a while: too many had a wrong key.');
  if (door?.failedProofs.refuses(origin)) throw refusal();
  const [pathname = '/', query = ''] = splitUrl(request.url);
  const authenticated = await authenticate(
    { method, pathname, query, headers, mostBodyBytes, readBody },
    {
      lookUpAccessKey: deps.lookUpAccessKey,
      nowMs: deps.clock(),
      region: deps.region,
      rules: deps.signatures,
      admitKey(accessKeyId) {
        if (door?.failedProofs.refusesKey(origin, accessKeyId)) throw refusal();
      },
    },
  );
  door?.failedProofs.proved(origin, authenticated.caller.accessKeyId);
  return authenticated;
}

interface Envelope {
  readonly action: string;
  readonly version: string;
  readonly members: ParamTree;
}

/** Parts what concerns the protocol from the members of the action's request. */
function readEnvelope(params: FormParams): Envelope {
  const tree = new Map(nestParams(params));
  const action = tree.get('Action') ?? '';
  const version = tree.get('Version') ?? defaultVersion;
  if (typeof action !== 'string' || action === '') throw new ApiError('MissingAction', 'The request is missing an Action parameter.');
  // Clients ask for the API of their own time, from 2008-05-05 on; what they read has only grown since.
  if (typeof version !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(version)) {
    throw new ApiError('NoSuchVersion', 'The parameter Version is not the date of an API version.');
  }
  tree.delete('Action');
  tree.delete('Version');
  return { action, version, members: tree };
}

function servedAction(action: string): ActionName {
  if (isServed(action)) return action;
  const reason = Object.hasOwn(unsupportedActions, action) ? unsupportedActions[action] : undefined;
  if (reason !== undefined) throw new ApiError('UnsupportedOperation', `The action ${action} is not supported: ${reason}`);
  if (actionNames.has(action)) throw new ApiError('UnsupportedOperation', `The action ${action} is not supported by this service.`);
  throw new ApiError('InvalidAction', `The action ${shorten(action)} is not valid for this web service.`);
}

function isServed(action: string): action is ActionName {
  return Object.hasOwn(actions, action);
}

async function perform<Name extends ActionName>(name: Name, members: ParamTree, context: ActionContext): Promise<unknown> {
  const action: Action<Name> = actions[name];
  // The schema and the interface are generated from the same shape of the model, and `decode` holds to the schema.
  const request = decode(requestStructures, operations[name].request, members) as unknown as Requests[Name];
  refuseUnhonoured(action.members, request);
  return action.perform(request, context);
}

const encoders = new Map<ActionName, EncodeResponse>();

/** Each is compiled at its action's first use, and kept. */
function encoderOf(name: ActionName): EncodeResponse {
  const compiled = encoders.get(name) ?? compileEncoder(responseStructures, name, operations[name]);
  encoders.set(name, compiled);
  return compiled;
}

function splitUrl(url: string): readonly string[] {
  const at = url.indexOf('?');
  return at < 0 ? [url] : [url.slice(0, at), url.slice(at + 1)];
}

function respond(status: number, body: Buffer, requestId: string): RawResponse {
  return {
    status,
    headers: {
      'content-type': 'text/xml;charset=UTF-8',
      'content-length': String(body.length),
      'x-amzn-requestid': requestId,
      // Answers tell of one account's volumes; a proxy is not to keep them.
      'cache-control': 'no-store',
    },
    body,
  };
}
