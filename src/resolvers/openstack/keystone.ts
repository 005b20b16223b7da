import * as z from 'zod';
import type { HttpClient } from '../asking/http-client.ts';
import { readJson } from '../asking/read-json.ts';
import { CloudUnavailable } from '../cloud-resolver.ts';
import type { TimeLimit } from '../time-limit.ts';

/** A token, and where Nova answers to it. */
export interface KeystoneSession {
  readonly token: string;
  readonly computeUrl: string;
  readonly endsAtMs: number;
  /** Whether the user has the role admin where the token is good for: whom Nova, by the policy that it comes with, shows all projects' servers. */
  readonly isAdmin: boolean;
}

const answer = z.object({
  token: z.object({
    expires_at: z.iso.datetime({ offset: true }),
    roles: z.array(z.object({ name: z.string() })).optional(),
    catalog: z.array(
      z.object({
        type: z.string(),
        endpoints: z.array(z.object({ interface: z.string(), region_id: z.string().nullish(), url: z.string() })),
      }),
    ),
  }),
});

export interface KeystoneLogin {
  readonly name: string;
  readonly authUrl: string;
  readonly identity: object;
  readonly scope: object | undefined;
  readonly region: string | undefined;
  readonly endpointInterface: string;
}

/** Logs in by the Identity API v3. Throws CloudUnavailable. */
export async function logIn(
  client: HttpClient,
  { name, authUrl, identity, scope, region, endpointInterface }: KeystoneLogin,
  limit: TimeLimit,
): Promise<KeystoneSession> {
  const { status, headers, text } = await client.ask(
    {
      method: 'POST',
      url: `${authUrl}/auth/tokens`,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ auth: { identity, ...(scope !== undefined && { scope }) } }),
    },
    limit,
  );
  if (status !== 201) {
    throw new CloudUnavailable(`${name}: Keystone answered the login with status ${status}`, {
      hint: status === 401 ? 'look at the credential and at the secret in its file' : 'authUrl must end with /v3',
    });
  }
  const token = headers['x-subject-token'];
  if (typeof token !== 'string' || token === '') {
    throw new CloudUnavailable(`${name}: Keystone answered the login without a token`);
  }
  const { expires_at, roles = [], catalog } = readJson(text, answer, `${name}: Keystone`).token;
  const compute = catalog
    .filter(({ type }) => type === 'compute')
    .flatMap(({ endpoints }) => endpoints)
    .find((endpoint) => endpoint.interface === endpointInterface && (region === undefined || endpoint.region_id === region));
  if (compute === undefined) {
    throw new CloudUnavailable(
      `${name}: the catalog has no ${endpointInterface} endpoint of Nova${region === undefined ? '' : ` in ${region}`}`,
      {
        hint: 'look at region and at interface',
      },
    );
  }
  return {
    token,
    computeUrl: compute.url.replace(/\/+$/, ''),
    endsAtMs: Date.parse(expires_at),
    isAdmin: roles.some((role) => role.name.toLowerCase() === 'admin'),
  };
}
