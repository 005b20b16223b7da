import { Command } from 'commander';
import { parseAccountId } from '../model/ids.ts';
import { defaultStateFolder } from '../settings/default-state-folder.ts';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import { table, timeText } from './output.ts';
import type { ProgramDependencies } from './program-dependencies.ts';

interface AddOptions {
  readonly state: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly account: string;
  readonly json?: true;
}

/** Takes effect at once, also while the server runs. */
export function credentialsCommand({
  output,
  openOperator,
  readSecret,
}: Pick<ProgramDependencies, 'output' | 'openOperator' | 'readSecret'>): Command {
  const command = new Command('credentials').description('access keys: who may call the API');
  const onState = (nested: Command) =>
    nested.option('--state <dir>', 'the state folder of the server', defaultStateFolder()).option('--json', 'print JSON');

  onState(command.command('add'))
    .description('add an access key; what is not given is made')
    .option('--access-key-id <id>', 'letters, digits and underscores, 8 to 128')
    .option(
      '--secret-access-key <secret>',
      'at least 16 characters; - reads it from standard input, since other users can see command lines',
    )
    .option('--account <id>', 'the account of twelve digits whose volumes the key may use', '000000000000')
    .action(async ({ state, accessKeyId, secretAccessKey: givenSecret, account, json }: AddOptions) => {
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
      const opened = openOperator(state, { make: true });
      try {
        const key = await opened.operator.credentials.add({
          accountId,
          ...(accessKeyId !== undefined && { accessKeyId }),
          ...(secretAccessKey !== undefined && { secretAccessKey }),
        });
        if (key === undefined) {
          throw new CommandFailed(
            exitCodes.refused,
            `the access key ${accessKeyId} is there already; remove it first, or choose another id`,
          );
        }
        output.line(json ? JSON.stringify(key) : `aws_access_key_id = ${key.accessKeyId}\naws_secret_access_key = ${key.secretAccessKey}`);
      } finally {
        opened.close();
      }
    });

  onState(command.command('list'))
    .description('list the access keys, without their secrets')
    .action(async ({ state, json }: { readonly state: string; readonly json?: true }) => {
      const opened = openOperator(state);
      try {
        const keys = (await opened.operator.credentials.list()).map(({ secretAccessKey: _secret, ...key }) => key);
        const rows = keys.map((key) => [key.accessKeyId, key.accountId, timeText(key.createdAtMs)]);
        output.line(json ? JSON.stringify(keys) : table(['ACCESS KEY', 'ACCOUNT', 'CREATED'], rows));
      } finally {
        opened.close();
      }
    });

  onState(command.command('remove'))
    .description('remove an access key; what its account owns stays')
    .argument('<access-key-id>')
    .action(async (accessKeyId: string, { state }: { readonly state: string }) => {
      const opened = openOperator(state);
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
