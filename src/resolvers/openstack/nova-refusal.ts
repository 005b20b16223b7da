import * as z from 'zod';

const refusal = z.record(z.string(), z.object({ code: z.number(), message: z.string() }));

/**
 * What Nova refuses a request with, in its own words: `{"itemNotFound": {"code": 404, "message": …}}`. `undefined` for what is none of Nova's,
 * as the page of a proxy, of a load balancer without a Nova behind it, or of another service under a wrong address.
 */
export function novaRefusal(text: string): { readonly kind: string; readonly message: string } | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = refusal.safeParse(content);
  const [entry, ...others] = parsed.success ? Object.entries(parsed.data) : [];
  return entry === undefined || others.length > 0 ? undefined : { kind: entry[0], message: entry[1].message };
}

/** Whether Nova says that there is no server with the uuid; it answers 404 for a cell, a flavour or an address that it does not know too. */
export function saysNoSuchServer(text: string, uuid: string): boolean {
  const refused = novaRefusal(text);
  return refused?.kind === 'itemNotFound' && new RegExp(`^Instance ${uuid} could not be found\\.?$`).test(refused.message.trim());
}
