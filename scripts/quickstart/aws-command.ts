import type { Voice } from './voice.ts';

type Parameters = Readonly<Record<string, string | number | readonly string[]>>;

/** The command of the AWS CLI that makes a call of the API: the CLI forms its option names from the parameters' in the same way. */
export function awsCommandLine(action: string, parameters: Parameters): string {
  const options = Object.entries(parameters).map(
    ([name, value]) => `--${kebabCase(name)} ${typeof value === 'object' ? value.join(' ') : value}`,
  );
  return ['aws ec2', action, ...options].join(' ');
}

/** Makes a call of the API by the SDK, shown as the same call by the CLI, and its answer as the CLI shows it. */
export async function aws<Input extends Parameters, Output extends object>(
  voice: Voice,
  action: string,
  parameters: Input,
  call: (input: Input) => Promise<Output>,
): Promise<Output> {
  voice.command('', awsCommandLine(action, parameters));
  const output = await call(parameters);
  const shown = Object.fromEntries(Object.entries(output).filter(([name]) => name !== '$metadata'));
  if (Object.keys(shown).length > 0) voice.result(JSON.stringify(shown, null, 2));
  return output;
}

function kebabCase(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}
