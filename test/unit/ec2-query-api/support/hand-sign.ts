import { createHash, createHmac } from 'node:crypto';
import type { RawRequest } from '../../../../src/ec2-query-api/handle-request.ts';
import { parseSignatureDate } from '../../../../src/ec2-query-api/signature/signature-date.ts';
import { accessKeyId, host, secretAccessKey } from './fake-service.ts';

/** How a client signs, where clients differ. */
export interface SigningHabits {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly region?: string;
  readonly service?: string;
  readonly dateTime?: string;
  readonly dateHeader?: 'x-amz-date' | 'date';
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** What stands between the fields of the Authorization header. */
  readonly separator?: string;
}

/** Signature Version 4 by the book, without the library that the service verifies with. The query has to be canonical already. */
export function handSign(habits: SigningHabits = {}): RawRequest {
  const { method = 'POST', path = '/', query = '', body = '', region = 'here-1', service = 'ec2', separator = ', ' } = habits;
  const dateTime = habits.dateTime ?? nowAsDateTime();
  const date =
    habits.dateHeader === 'date' ? { date: new Date(parseSignatureDate(dateTime) ?? 0).toUTCString() } : { 'x-amz-date': dateTime };
  const headers: Record<string, string> = { host, ...date, ...habits.headers };
  const scope = `${dateTime.slice(0, 8)}/${region}/${service}/aws4_request`;
  const names = Object.keys(headers).sort();
  const canonicalHeaders = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const canonical = [method, path, query, canonicalHeaders, names.join(';'), sha256(body)].join('\n');
  const key = [region, service, 'aws4_request'].reduce(
    hmac,
    hmac(`AWS4${habits.secretAccessKey ?? secretAccessKey}`, dateTime.slice(0, 8)),
  );
  const signature = hmac(key, ['AWS4-HMAC-SHA256', dateTime, scope, sha256(canonical)].join('\n')).toString('hex');
  const fields = [`Credential=${habits.accessKeyId ?? accessKeyId}/${scope}`, `SignedHeaders=${names.join(';')}`, `Signature=${signature}`];
  return {
    method,
    url: query === '' ? path : `${path}?${query}`,
    headers: { ...headers, authorization: `AWS4-HMAC-SHA256 ${fields.join(separator)}` },
    body: Buffer.from(body),
    remoteAddress: undefined,
  };
}

export function nowAsDateTime(offsetMs = 0): string {
  return new Date(Date.now() + offsetMs).toISOString().replace(/[:-]|\.\d{3}/g, '');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
