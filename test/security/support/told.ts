import type { Answer } from '../../unit/ec2-query-api/support/fake-service.ts';

/** An answer without what differs between two of the same request: its number, and the ids that were asked for. */
export interface Told {
  readonly status: number;
  /** Of an error. */
  readonly code: string | undefined;
  readonly text: string;
}

export function toldBy({ status, text }: Answer, asked: readonly string[] = []): Told {
  const withoutRequest = text.replace(/<(requestId|RequestID)>[^<]*<\/\1>/g, '');
  const said = asked.reduce((rest, id) => rest.replaceAll(id, '(asked)'), withoutRequest);
  return { status, code: /<Code>([^<]+)<\/Code>/.exec(text)?.[1], text: said };
}

/** Which of the secrets an answer tells, in its page token too. */
export function leaksIn({ text }: Told, secrets: readonly string[]): readonly string[] {
  const [, token = ''] = /<nextToken>([^<]+)<\/nextToken>/.exec(text) ?? [];
  const readable = `${text} ${Buffer.from(token, 'base64url').toString('latin1')}`;
  return secrets.filter((secret) => readable.includes(secret));
}
