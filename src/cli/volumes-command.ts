import { Command } from 'commander';
import type { VolumeReport } from '../blockstore/operator.ts';
import { parseVolumeId, type VolumeId } from '../model/ids.ts';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import { fenceStatement } from './fence-statement.ts';
import { headed, table, timeText } from './output.ts';
import type { ProgramDependencies } from './program-dependencies.ts';
import { commandLines } from './shown-command.ts';
import { choosesState, type StateChoice } from './state-choice.ts';
import { withOperator } from './with-operator.ts';

interface ShowOptions extends StateChoice {
  readonly json?: true;
}

export function volumesCommand(dependencies: Pick<ProgramDependencies, 'output' | 'openOperator' | 'environment'>): Command {
  const { output } = dependencies;
  const command = new Command('volumes').description('the volumes of all accounts: why each is as it is, and what comes next');

  choosesState(command.command('list'))
    .description('list all volumes with their next action, those in the recycle bin too')
    .option('--json', 'print JSON')
    .action(async ({ json, ...choice }: ShowOptions) => {
      await withOperator(dependencies, choice, async ({ volumes }) => {
        const reports = await volumes.list();
        output.line(
          ...(json ? [JSON.stringify(reports)] : table(['VOLUME', 'ACCOUNT', 'GIB', 'STATE', 'ATTACHMENT', 'NEXT'], reports.map(summary))),
        );
      });
    });

  choosesState(command.command('show'))
    .description('show a volume: its state and the reason, the last failed command, the open operation, and the next action')
    .argument('<volume-id>')
    .option('--json', 'print JSON')
    .action(async (id: string, { json, ...choice }: ShowOptions) => {
      const volumeId = volumeIdFrom(id);
      await withOperator(dependencies, choice, async ({ volumes }) => {
        const report = await volumes.show(volumeId);
        if (report === undefined) {
          throw new CommandFailed(exitCodes.refused, `there is no volume ${id}; "vbs volumes list" shows those that there are`);
        }
        output.line(...(json ? [JSON.stringify(report)] : reportLines(report)));
      });
    });

  choosesState(command.command('clear'))
    .description('clear the bar of a volume, once it is sure that its VMM host cannot reach it any more')
    .argument('<volume-id>')
    .option('--fenced <what-was-done>', 'by what that is sure; kept in the journal with your name and the time')
    .addHelpText(
      'after',
      `
The server detaches the volume then. A VMM host that answers is asked to let go, and when it does
not, the bar stays; one that does not answer is taken for fenced, on your word.
A VM that still reaches the volume would write into what its next user has.`,
    )
    .action(async (id: string, { fenced, ...choice }: StateChoice & { readonly fenced?: string }) => {
      const volumeId = volumeIdFrom(id);
      const statement = fenceStatement(fenced, dependencies);
      await withOperator(dependencies, choice, async ({ volumes }) => {
        const verdict = await volumes.clear(volumeId, statement);
        if (verdict.outcome === 'refused') {
          throw new CommandFailed(exitCodes.refused, `${verdict.reason}; ${verdict.next}`);
        }
        output.line(
          `${verdict.operationId} will be taken up by the running server within seconds, or by the next one at its start; "vbs operations show ${verdict.operationId}" tells how it ends`,
        );
      });
    });
  return command;
}

function volumeIdFrom(text: string): VolumeId {
  const volumeId = parseVolumeId(text);
  if (volumeId === undefined) {
    throw new CommandFailed(exitCodes.wrongUsage, `${text} is no volume id; one is vol- and 8 or 17 hexadecimal digits`);
  }
  return volumeId;
}

function stateText({ volume, bar, recycled }: VolumeReport): string {
  if (recycled !== undefined) {
    return `in the recycle bin until ${timeText(recycled.exitsAtMs)}`;
  }
  return bar === undefined ? volume.state : `${volume.state}, barred`;
}

function summary(report: VolumeReport): string[] {
  const { id, accountId, sizeGiB, attachments } = report.volume;
  const attached = attachments.map(({ instanceId, device, state }) => `${state} ${instanceId} ${device}`);
  return [id, accountId, String(sizeGiB), stateText(report), attached.join(', '), report.next];
}

function reportLines(report: VolumeReport): readonly string[] {
  const { volume, reason, bar, operation, failedCommand, next } = report;
  return [
    `volume      ${volume.id}`,
    `account     ${volume.accountId}`,
    `size        ${volume.sizeGiB} GiB on ${volume.volumeServer}`,
    `state       ${stateText(report)}`,
    ...(volume.multiAttach ? ['sharing     Multi-Attach: several instances may have it'] : []),
    ...(reason === undefined ? [] : headed('reason', reason)),
    ...(bar === undefined ? [] : [`barred      ${timeText(bar.barredAtMs)}, with its target ${bar.target}, by ${bar.operationId}`]),
    ...volume.attachments.map(
      ({ id, generation, instanceId, device, state, placement }) =>
        `attachment  ${id}, generation ${generation}: ${state} to ${instanceId} (${placement.vmmHost}/${placement.domain}) as ${device}`,
    ),
    ...(operation === undefined
      ? []
      : [`operation   ${operation.id}: ${operation.kind}, ${operation.state}, began ${timeText(operation.createdAtMs)}`]),
    `next        ${next}`,
    ...(failedCommand === undefined
      ? []
      : [
          '',
          `the last command of what failed, in step ${failedCommand.step} of ${failedCommand.operationId}, ${timeText(failedCommand.startedAtMs)}:`,
          ...commandLines(failedCommand).map((line) => `  ${line}`),
        ]),
  ];
}
