import { basename } from 'node:path';
import { DriverError } from '../driver-error.ts';
import type { Clock } from './clock.ts';
import type { CommandResult, Host, HostCommand } from './host.ts';
import { type Conclusion, concludeTgtList } from './tgt-list.ts';
import { descriptorsOf, lackOfDescriptors } from './tgtd-descriptors.ts';
import { askTgtd, longestAnswerBytes, type TgtdRequest } from './tgtd-socket.ts';

/** What tgtadm and the scripts around it exit with when tgtd refuses, and when there is none. */
const refused = 22;
const noDaemon = 107;
/** What tgt-target exits with when tgtd has too few file descriptors left. */
const tooFewDescriptors = 24;

/** Of tgtd's error numbers (usr/tgtadm_error.h): there is no such account, and the ACL names the initiator already. */
const noAccount = 15;
const aclExists = 12;

/** tgtadm's words for the refusals that somebody is likely to see. */
const refusals: Readonly<Record<number, string>> = {
  4: "can't find the target",
  5: "can't find the logical unit",
  9: 'this target already exists',
  11: 'this logical unit number already exists',
  14: 'this account already exists',
  17: 'invalid request',
};

interface Deed {
  readonly request: TgtdRequest;
  /** How it is called on standard error before it is done, as the scripts do; without secrets. Left out for tgtadm itself, which says nothing. */
  readonly called?: string;
  /** Errors that leave things as they are wanted. */
  readonly passes?: readonly number[];
  /** What is asked for when it was refused, so that nothing is left that no look would show. */
  readonly otherwise?: { readonly request: TgtdRequest; readonly called: string };
}

/**
 * A host of this machine on which the commands that an attachment needs of tgtd are built in: they go to tgtd's management socket and take a
 * tenth of the time of a process. Each does what the program of its name does (tgtadm, and the scripts tgt-list, tgt-target and tgt-account), with the
 * same exits and words, so that patterns and journals are the same here and on hosts behind ssh, where the programs run. What is not built in,
 * and a call with any other option, goes to the program.
 */
export function withTgtadm(host: Host, clock: Clock): Host {
  return {
    name: host.name,
    run(command) {
      const deeds = deedsOf(command);
      const socket = command.env?.TGT_IPC_SOCKET;
      return deeds === undefined || socket === undefined ? host.run(command) : perform(host.name, deeds, socket, command, clock);
    },
  };
}

interface Deeds {
  readonly steps: readonly Deed[];
  /** Whether tgtd has to have descriptors left for a LUN; without them nothing is asked of it. */
  readonly addsLun?: true;
  /** What comes of tgtd's answers when all is done; without it they are written as they are. */
  readonly conclude?: (answers: readonly Buffer[]) => Conclusion;
}

function deedsOf({ argv: [program = '', ...args], stdin }: HostCommand): Deeds | undefined {
  switch (basename(program)) {
    case 'tgtadm':
      return stepsOnly(showDeeds(args));
    case 'tgt-list':
      return listDeeds(args);
    case 'tgt-target':
      return targetDeeds(args);
    case 'tgt-account':
      return stepsOnly(accountDeeds(args, stdin ?? ''));
    default:
      return undefined;
  }
}

function stepsOnly(steps: readonly Deed[] | undefined): Deeds | undefined {
  return steps && { steps };
}

function showDeeds(args: readonly string[]): readonly Deed[] | undefined {
  const mode = (['target', 'portal'] as const).find((each) => args.join(' ') === `--lld iscsi --op show --mode ${each}`);
  return mode && [{ request: { operation: 'show', mode } }];
}

/** As the script tgt-list: which targets there are is asked before and after, so that the listing is known to be of them. */
function listDeeds([wanted, ...more]: readonly string[]): Deeds | undefined {
  if (more.length > 0) return undefined;
  const shows = (mode: 'lld' | 'target'): Deed => ({ request: { operation: 'show', mode } });
  return { steps: [shows('lld'), shows('target'), shows('lld')], conclude: (answers) => concludeTgtList(wanted, answers) };
}

/** As the script tgt-target, to which calls that it refuses are left: the identity is last, so that a target whose LUN has none is one that was not finished. */
function targetDeeds([tidText = '', target = '', path = '', id = '', serial = '', readOnly = '']: readonly string[]): Deeds | undefined {
  if (readOnly !== 'Yes' && readOnly !== 'No') return undefined;
  const tid = Number(tidText);
  const parameters = `readonly=${readOnly === 'Yes' ? 1 : 0},scsi_id=${id},scsi_sn=${serial}`;
  const lun = 1;
  const called = (rest: string) => `+ tgtadm --lld iscsi --op ${rest}`;
  const steps: readonly Deed[] = [
    {
      request: { operation: 'new', mode: 'target', tid, parameters: `targetname=${target}` },
      called: called(`new --mode target --tid ${tid} --targetname ${target}`),
    },
    {
      request: { operation: 'new', mode: 'logicalunit', tid, lun, parameters: `path=${path},bsoflags=sync` },
      called: called(`new --mode logicalunit --tid ${tid} --lun ${lun} --backing-store ${path} --bsoflags sync`),
    },
    {
      // tgtadm puts the word and the closing comma around what its option --params is given.
      request: { operation: 'update', mode: 'logicalunit', tid, lun, parameters: `targetOps ${parameters},` },
      called: called(`update --mode logicalunit --tid ${tid} --lun ${lun} --params ${parameters}`),
    },
  ];
  return { steps, addsLun: true };
}

/** As the script tgt-account; what it refuses to use is left to it, so that it says why. */
function accountDeeds([tidText = '', initiator = '']: readonly string[], stdin: string): readonly Deed[] | undefined {
  const [user = '', secret = ''] = stdin.split('\n');
  const isUsable = /^\d+$/.test(tidText) && /^[^,=\s]+$/.test(user) && /^[^,\s]+$/.test(secret) && /^[^,=\s]+$/.test(initiator);
  if (!isUsable) return undefined;
  const tid = Number(tidText);
  const remove = {
    request: { operation: 'delete', mode: 'account', parameters: `user=${user}` } satisfies TgtdRequest,
    called: `+ tgtd: --op delete --mode account --user ${user}`,
  };
  return [
    // An account of that name may have another secret, which nobody can read back.
    { ...remove, passes: [noAccount] },
    {
      request: { operation: 'new', mode: 'account', parameters: `user=${user},password=${secret}` },
      called: `+ tgtd: --op new --mode account --user ${user}`,
    },
    {
      request: { operation: 'bind', mode: 'account', tid, parameters: `user=${user}` },
      called: `+ tgtd: --op bind --mode account --tid ${tid} --user ${user}`,
      otherwise: remove,
    },
    // Last: a target without an account lets in whoever its ACL names, without a secret.
    {
      request: { operation: 'bind', mode: 'target', tid, parameters: `initiator-name=${initiator}` },
      called: `+ tgtd: --op bind --mode target --tid ${tid} --initiator-name ${initiator}`,
      passes: [aclExists],
    },
  ];
}

async function perform(
  hostName: string,
  { steps, addsLun, conclude }: Deeds,
  controlSocket: string,
  { argv: [program = ''], timeoutMs }: HostCommand,
  clock: Clock,
): Promise<CommandResult> {
  const startedAtMs = clock.nowMs();
  const began = clock.elapsedMs();
  const said: string[] = [];
  const answers: Buffer[] = [];
  const result = (ending: Pick<CommandResult, 'exitCode' | 'timedOut'>, stdout = Buffer.concat(answers).toString()): CommandResult => ({
    ...ending,
    stdout,
    stderr: said.map((line) => `${line}\n`).join(''),
    startedAtMs,
    durationMs: Math.round(clock.elapsedMs() - began),
  });
  const lack = addsLun && lackOf(controlSocket);
  if (lack !== undefined) {
    said.push(lack);
    return result({ exitCode: tooFewDescriptors, timedOut: false });
  }
  for (const { request, called, passes, otherwise } of steps) {
    if (called !== undefined) said.push(called);
    const answer = await askTgtd(`${controlSocket}.0`, request, Math.max(1, Math.ceil(began + timeoutMs - clock.elapsedMs())));
    if (answer.outcome === 'lost') return result({ timedOut: answer.timedOut });
    if (answer.outcome === 'too long') {
      throw new DriverError('unknown', `tgtd answered ${basename(program)} on ${hostName} with more than ${longestAnswerBytes} bytes`);
    }
    if (answer.outcome === 'no daemon') {
      said.push("tgtadm: can't connect to tgt daemon, Transport endpoint is not connected");
      return result({ exitCode: noDaemon, timedOut: false });
    }
    if (answer.error !== 0 && !passes?.includes(answer.error)) {
      if (otherwise !== undefined) {
        said.push(otherwise.called);
        await askTgtd(`${controlSocket}.0`, otherwise.request, timeoutMs);
      }
      said.push(`tgtadm: ${refusals[answer.error] ?? `error ${answer.error} of tgtd`}`);
      return result({ exitCode: refused, timedOut: false });
    }
    answers.push(answer.bytes);
  }
  if (conclude === undefined) return result({ exitCode: 0, timedOut: false });
  const { exitCode, stdout, stderr } = conclude(answers);
  said.push(...(stderr === '' ? [] : [stderr.trimEnd()]));
  return result({ exitCode, timedOut: false }, stdout);
}

function lackOf(controlSocket: string): string | undefined {
  const descriptors = descriptorsOf(controlSocket);
  return descriptors && lackOfDescriptors(descriptors);
}
