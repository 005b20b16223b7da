import { type ListedTarget, readTgtListing } from './tgt-listing.ts';

/** What a program ends with, and what it writes. */
export interface Conclusion {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const unclear = 2;
const tryAgain = 75;

/**
 * What the script tgt-list does with tgtd's three answers: which targets there are, the listing, and which there are afterwards. With `wanted`
 * one target has to be clear, or if it is not there, all; without, all.
 */
export function concludeTgtList(wanted: string | undefined, [before, listing, after]: readonly Buffer[]): Conclusion {
  const known = textOf(before);
  if (textOf(after) !== known) return refusal(tryAgain, 'targets were made or removed while tgtd was asked for them');
  const reading = readTgtListing(known, textOf(listing));
  if (reading.outcome === 'unreadable') return refusal(tryAgain, 'tgtd lists something else than the targets that it has');
  const { targets } = reading;
  const own = wanted === undefined ? undefined : targets.find(({ name }) => name === wanted);
  const [hidden] = own === undefined ? targets.filter(({ isClear }) => !isClear) : own.isClear ? [] : [own];
  if (hidden !== undefined) return refusal(unclear, reasonFor(hidden, targets));
  return { exitCode: 0, stdout: Buffer.from(`${targets.map(lineOf).join('')}end|\n`, 'latin1').toString(), stderr: '' };
}

/** A character for each byte: tgtd counts in bytes, and what an initiator wrote need not be text. */
function textOf(answer: Buffer | undefined): string {
  return answer?.toString('latin1') ?? '';
}

function refusal(exitCode: number, reason: string): Conclusion {
  return { exitCode, stdout: '', stderr: `${reason}\n` };
}

function reasonFor(hidden: ListedTarget, targets: readonly ListedTarget[]): string {
  const index = targets.indexOf(hidden);
  const suspects = targets.slice(index, index + 2).map(({ tid }) => tid);
  return `what belongs to ${hidden.name} cannot be told: an initiator that is logged in to target ${suspects.join(' or ')} wrote lines of a listing into its alias; tgtadm --lld iscsi --op show --mode conn --tid TID shows its sessions, and --op delete --mode conn --tid TID --sid SID --cid CID ends one`;
}

function lineOf(target: ListedTarget): string {
  const { tid, name, scsiId, scsiSn, online, readOnly, backing, accounts, acl } = target;
  const fields = ['target', tid, name, scsiId, scsiSn, online, readOnly, backing, accounts.join(' '), acl.join(' ')];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what would end a field or a line is no part of one.
  return `${fields.map((field) => field.replace(/[|\x00-\x1f\x7f]/g, '?')).join('|')}|\n`;
}
