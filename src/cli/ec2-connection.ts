import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import type { ProgramDependencies } from './program-dependencies.ts';
import type { StateChoice } from './state-choice.ts';

export interface ConnectionOptions extends StateChoice {
  readonly endpoint?: string;
  readonly profile?: string;
}

const defaultEndpoint = 'http://127.0.0.1:8773';

/**
 * Connects to the endpoint as any AWS tool does. Its address is that of the option, of AWS_ENDPOINT_URL_EC2, of AWS_ENDPOINT_URL, of the profile, or the
 * default one, in this order; the key comes from AWS' environment variables and profiles, or with `--state` or `--config` it is the first in the server's own state folder.
 * The SDK is loaded only here: it takes longer than most commands.
 */
export async function connect(
  { endpoint, profile, ...choice }: ConnectionOptions,
  { environment, openOperator }: Pick<ProgramDependencies, 'environment' | 'openOperator'>,
): Promise<EC2Client> {
  // Without a key at hand the SDK would ask a cloud's metadata service, which does not exist here, and wait for it.
  process.env.AWS_EC2_METADATA_DISABLED = 'true';
  // It would warn on Node 20, which is one that this project supports.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const { EC2Client: Client } = await import('@aws-sdk/client-ec2');
  const isOnServer = choice.state !== undefined || choice.config !== undefined;
  const credentials = isOnServer ? await firstKeyOf(choice, openOperator) : undefined;
  const fromEnvironment = environment.AWS_ENDPOINT_URL_EC2 ?? environment.AWS_ENDPOINT_URL;
  // Not left to the SDK, which would go to Amazon where nothing names an address.
  const fromProfile = isOnServer ? undefined : endpointOfProfile(profile ?? environment.AWS_PROFILE ?? 'default', environment);
  const address = endpoint ?? fromEnvironment ?? fromProfile ?? defaultEndpoint;
  if (!/^https?:$/.test(URL.canParse(address) ? new URL(address).protocol : '')) {
    throw new CommandFailed(
      exitCodes.wrongUsage,
      `${address} is no address of an endpoint: it is http:// or https:// and a host, as ${defaultEndpoint}`,
    );
  }
  return new Client({
    endpoint: address,
    region: environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? 'us-east-1',
    ...(credentials && { credentials }),
    ...(profile !== undefined && { profile }),
  });
}

/** The `endpoint_url` of a profile in AWS' own configuration file, as the first start of the server prints it. */
function endpointOfProfile(profile: string, { AWS_CONFIG_FILE }: ProgramDependencies['environment']): string | undefined {
  const file = AWS_CONFIG_FILE ?? join(homedir(), '.aws', 'config');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const heading = profile === 'default' ? '[default]' : `[profile ${profile}]`;
  const start = lines.findIndex((line) => line.trim() === heading);
  const next = lines.findIndex((line, index) => index > start && line.startsWith('['));
  const section = start < 0 ? [] : lines.slice(start + 1, next < 0 ? undefined : next);
  return section.map((line) => /^endpoint_url\s*=\s*(\S+)/.exec(line)?.[1]).find((url) => url !== undefined);
}

async function firstKeyOf({ state, config }: StateChoice, openOperator: ProgramDependencies['openOperator']) {
  const opened = openOperator({ ...(state !== undefined && { state }), ...(config !== undefined && { config }) });
  try {
    // A temporary key's token is nowhere kept.
    const key = (await opened.operator.credentials.list()).find(({ session }) => session === undefined);
    if (key === undefined) {
      throw new CommandFailed(
        exitCodes.refused,
        'the state folder holds no lasting access key; make one with "vbs credentials add" and the same --state or --config',
      );
    }
    return { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey };
  } finally {
    opened.close();
  }
}

const unreachable = /^(E(CONNREFUSED|CONNRESET|CONNABORTED|TIMEDOUT|PIPE|PROTO|HOSTUNREACH|NETUNREACH|AI_AGAIN)|ENOTFOUND)$/;

/** Says what a failed request means for whoever typed the command. */
export function explain(cause: unknown, endpoint: string): CommandFailed {
  const { name = '', message = String(cause), code } = cause as { name?: string; message?: string; code?: string };
  if (name === 'CredentialsProviderError') {
    return new CommandFailed(
      exitCodes.wrongUsage,
      'no access key: set AWS_PROFILE or --profile to the profile that the first start of the server printed, or on the server itself give --state',
      { cause },
    );
  }
  if (code !== undefined && unreachable.test(code)) {
    return new CommandFailed(
      exitCodes.unreachable,
      `nothing answers at ${endpoint} (${code}); start the service with "vbs serve", or name its address with --endpoint`,
      { cause },
    );
  }
  if (message.includes('Deserialization error')) {
    return new CommandFailed(
      exitCodes.unreachable,
      `what answers at ${endpoint} is not VBS: its answer cannot be read; name the service's address with --endpoint`,
      { cause },
    );
  }
  return new CommandFailed(exitCodes.refused, `${name}: ${message}`, { cause });
}
