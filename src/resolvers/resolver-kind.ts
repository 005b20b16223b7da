import * as z from 'zod';
import type { Host } from '../drivers/command/host.ts';
import type { CloudResolver } from './cloud-resolver.ts';

/** What a site has that a resolver may need. */
export interface ResolverSurroundings {
  /** The resolver's name in the settings. */
  readonly name: string;
  /** The VMM hosts of the settings. */
  readonly vmmHosts: readonly string[];
  /** A VMM host by its name, or without a name the machine of the service; `undefined` when there is none of that name. */
  host(name?: string): Host | undefined;
}

/** A setting is of the right shape and still of no use: a host that is not there. `path` is meant from the resolver's own settings. */
export class ResolverSettingRefused extends Error {
  readonly path: readonly PropertyKey[];

  constructor(path: readonly PropertyKey[], reason: string) {
    super(reason);
    this.name = 'ResolverSettingRefused';
    this.path = path;
  }
}

/** A kind of cloud: the settings that it has of its own, and how a resolver is made of them. */
export interface ResolverKind {
  readonly schema: z.ZodType;
  /** `settings` must fit the schema. Throws ResolverSettingRefused. Asks the cloud nothing yet. */
  build(settings: unknown, surroundings: ResolverSurroundings): CloudResolver;
}

export function resolverKind<Shape extends z.ZodRawShape>(
  shape: Shape,
  build: (settings: z.output<z.ZodObject<Shape>>, surroundings: ResolverSurroundings) => CloudResolver,
): ResolverKind {
  const schema = z.object(shape).strict();
  return { schema, build: (settings, surroundings) => build(schema.parse(settings) as z.output<z.ZodObject<Shape>>, surroundings) };
}

/** The host of a setting, which says where it stands for the complaint when there is no such host. */
export function requireHost(surroundings: ResolverSurroundings, name: string | undefined, path: readonly PropertyKey[]): Host {
  const host = surroundings.host(name);
  if (host === undefined) {
    const known = surroundings.vmmHosts.join(', ') || 'none';
    throw new ResolverSettingRefused(path, `there is no VMM host "${name}" below vmmHosts; it has ${known}`);
  }
  return host;
}

/** An address to ask, without a slash at its end. */
export const baseUrl = z
  .url({ protocol: /^https?$/, error: 'must be an address with http:// or https://' })
  .refine((url) => !url.includes('@'), 'must hold no user and no password; there are settings for them')
  .transform((url) => url.replace(/\/+$/, ''));

/** A regular expression, refused with its reason when it is none. */
export const pattern = z.string().transform((text, context) => {
  try {
    return new RegExp(text);
  } catch (cause) {
    context.addIssue({ code: 'custom', message: `must be a regular expression: ${(cause as Error).message}` });
    return z.NEVER;
  }
});
