import { Command } from 'commander';
import { parseAccountId } from '../model/ids.ts';
import { readSettings } from '../settings/read-settings.ts';
import type { Settings } from '../settings/settings.ts';
import { profileLines } from './aws-profile.ts';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import { table, timeText } from './output.ts';
import type { ProgramDependencies } from './program-dependencies.ts';
import { choosesState, type StateChoice } from './state-choice.ts';

interface AddOptions extends StateChoice {
  readonly newState?: true;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly account: string;
  readonly expiresIn?: string;
  readonly json?: true;
}

/** Takes effect at once, also while the server runs. */
export function credentialsCommand({
  output,
  openOperator,
  readSecret,
}: Pick<ProgramDependencies, 'output' | 'openOperator' | 'readSecret'>): Command {
  const command = new Command('credentials').description('access keys: who may call the API');
  const onState = (nested: Command) => choosesState(nested).option('--json', 'print JSON');

  onState(command.command('add'))
    .description('add an access key; what is not given is made')
    .option('--access-key-id <id>', 'letters, digits and underscores, 8 to 128')
    .option(
      '--secret-access-key <secret>',
      'at least 16 characters; - reads it from standard input, since other users can see command lines',
    )
    .option('--account <id>', 'the account of twelve digits whose volumes the key may use', '000000000000')
    .option('--expires-in <time>', 'a temporary key with a session token, which holds from 15m to 7d: 90m, 12h, 2d')
    .option(
      '--new-state',
      'make the state folder: before the first start of the server, which makes a key and prints it when there is none',
    )
    .action(async ({ newState, accessKeyId, secretAccessKey: givenSecret, account, expiresIn, json, ...choice }: AddOptions) => {
      const secretAccessKey = givenSecret === '-' ? await readSecret() : givenSecret;
      const accountId = parseAccountId(account);
      if (accountId === undefined) {
        throw new CommandFailed(exitCodes.wrongUsage, `--account ${account}: an account id is twelve digits, as 123456789012`);
      }
      if (accessKeyId !== undefined && !/^\w{8,128}$/.test(accessKeyId)) {
        throw new CommandFailed(exitCodes.wrongUsage, '--access-key-id must be 8 to 128 letters, digits and underscores');
      }
      if (secretAccessKey !== undefined && !/^[!-~]{16,128}$/.test(secretAccessKey)) {
        throw new CommandFailed(exitCodes.wrongUsage, '--secret-access-key must be 16 to 128 printable characters without spaces');
      }
      const lifetimeMs = expiresIn === undefined ? undefined : readLifetime(expiresIn);
      const opened = openOperator(choice, { make: newState === true });
      try {
        const key = await opened.operator.credentials.add({
          accountId,
          ...(accessKeyId !== undefined && { accessKeyId }),
          ...(secretAccessKey !== undefined && { secretAccessKey }),
          ...(lifetimeMs !== undefined && { lifetimeMs }),
        });
        if (key === undefined) {
          throw new CommandFailed(
            exitCodes.refused,
            `the access key ${accessKeyId} is there already; remove it first, or choose another id`,
          );
        }
        output.line(...(json ? [JSON.stringify(shown(key))] : profileLines(key, addressOf(readSettings(choice.config).value))));
      } finally {
        opened.close();
      }
    });

  onState(command.command('list'))
    .description('list the access keys, without their secrets')
    .action(async ({ json, ...choice }: StateChoice & { readonly json?: true }) => {
      const opened = openOperator(choice);
      try {
        const keys = (await opened.operator.credentials.list()).map(({ secretAccessKey: _secret, ...key }) => shown(key));
        const rows = keys.map(({ accessKeyId, accountId, createdAtMs, expiresAtMs }) => [
          accessKeyId,
          accountId,
          timeText(createdAtMs),
          expiresAtMs === undefined ? '-' : timeText(expiresAtMs),
        ]);
        output.line(...(json ? [JSON.stringify(keys)] : table(['ACCESS KEY', 'ACCOUNT', 'CREATED', 'EXPIRES'], rows)));
      } finally {
        opened.close();
      }
    });

  onState(command.command('remove'))
    .description('remove an access key; what its account owns stays')
    .argument('<access-key-id>')
    .action(async (accessKeyId: string, choice: StateChoice) => {
      const opened = openOperator(choice);
      try {
        if (!(await opened.operator.credentials.remove(accessKeyId))) {
          throw new CommandFailed(
            exitCodes.refused,
            `there is no access key ${accessKeyId}; "vbs credentials list" shows those that there are`,
          );
        }
      } finally {
        opened.close();
      }
    });
  return command;
}

/** Without the hash of the token, which serves nobody. */
function shown<Key extends { readonly session?: { readonly expiresAtMs: number } }>({ session, ...key }: Key) {
  return { ...key, ...(session !== undefined && { expiresAtMs: session.expiresAtMs }) };
}

/** Where the settings let the service answer; `--listen` of `vbs serve` may say otherwise. */
function addressOf({ region, listen, publicEndpoint }: Settings): { readonly region: string; readonly url: string } {
  return { region, url: publicEndpoint ?? `http://${listen}` };
}

const minuteMs = 60_000;
const unitMs: Readonly<Record<string, number>> = { m: minuteMs, h: 60 * minuteMs, d: 24 * 60 * minuteMs };

function readLifetime(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const lifetimeMs = Number(count) * (unitMs[unit] ?? 0);
  if (lifetimeMs < 15 * minuteMs || lifetimeMs > 7 * 24 * 60 * minuteMs) {
    throw new CommandFailed(exitCodes.wrongUsage, `--expires-in ${text}: a number and m, h or d, from 15m to 7d, as 12h`);
  }
  return lifetimeMs;
}
