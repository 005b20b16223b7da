import { Command } from 'commander';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import { table } from './output.ts';
import type { Explanation, ProgramDependencies, ResolveOutcome } from './program-dependencies.ts';

interface Options {
  readonly config?: string;
  readonly explain?: true;
  readonly json?: true;
}

export function resolveCommand({ output, explainInstance }: Pick<ProgramDependencies, 'output' | 'explainInstance'>): Command {
  return new Command('resolve')
    .description('ask the clouds of the settings where an instance is, as an attach does')
    .argument('<instance-id>')
    .option('-c, --config <file>', "the server's settings")
    .option('--explain', 'tell what each resolver said, and in what time')
    .option('--json', 'print JSON, with what each resolver said')
    .action(async (instanceId: string, { config, explain, json }: Options) => {
      const explanation = await explainInstance(instanceId, config === undefined ? {} : { config });
      if (json) {
        output.line(JSON.stringify(explanation));
      } else if (explain) {
        output.line(...testimonyTable(explanation));
      }
      if (explanation.outcome !== 'resolved') {
        const reason = explanation.reason === undefined ? '' : ` (${explanation.reason})`;
        throw new CommandFailed(exitCodes.refused, `${instanceId}: ${explanation.outcome}${reason}; ${mends[explanation.outcome]}`);
      }
      if (!json) {
        output.line(`${explanation.vmmHost}/${explanation.domain}`);
      }
    });
}

const mends = {
  'no-such-host': 'add the host below "vmmHosts" of --config, or name it by "hosts" of the resolver as it is called there',
  'not-known': 'no resolver of the settings has it: check the id, and "resolvers" and "instances" of --config',
  'not-placed': 'start it, or wait until its cloud has put it onto a host',
  'not-authorised': 'check the credentials of that resolver in the settings',
  unavailable: 'see with --explain which resolver did not answer, and why',
  contradicted: 'see with --explain which resolvers disagree, and correct the one that is wrong',
} as const satisfies Record<Exclude<ResolveOutcome, 'resolved'>, string>;

function testimonyTable({ testimonies }: Explanation): readonly string[] {
  const rows = testimonies.map(({ resolver, outcome, vmmHost, domain, owner, accountId, reason, hint, durationMs }) => [
    resolver,
    outcome,
    vmmHost === undefined || domain === undefined ? '' : `${vmmHost}/${domain}`,
    owner ?? '',
    accountId ?? (vmmHost === undefined ? '' : "the operator's"),
    `${durationMs.toFixed(1)} ms`,
    [reason, hint].filter((text) => text !== undefined).join('; '),
  ]);
  return table(['RESOLVER', 'OUTCOME', 'PLACEMENT', 'OWNER', 'ACCOUNT', 'TOOK', 'REASON'], rows);
}
