/** A target as tgtd has it, and what its initiators say of themselves. */
export interface TgtdTarget {
  readonly tid: number;
  readonly name: string;
  /** Of LUN 1; without it the target has only tgtd's own LUN 0. */
  readonly backing?: string;
  readonly id: string;
  readonly accounts: readonly string[];
  readonly acl: readonly string[];
  readonly aliases: readonly string[];
}

/** The size of what tgtd keeps of a session, with a closing zero byte (usr/iscsi/session.c). */
const sessionBytes = 1024;

/** What `--mode lld` says: targets in the order in which they were made. */
export function wordsOfDrivers(targets: readonly TgtdTarget[]): string {
  return `LLDs:\n    iscsi: ready\n${targets.map(({ tid, name }) => `        Target ${tid}: ${name}\n`).join('')}    iser: error\n`;
}

/** What `--mode target` says, a character a byte. */
export function wordsOfTargets(targets: readonly TgtdTarget[]): string {
  return [...targets]
    .sort((one, other) => one.tid - other.tid)
    .map(wordsOfTarget)
    .join('');
}

function wordsOfTarget({ tid, name, backing, id, accounts, acl, aliases }: TgtdTarget): string {
  return [
    `Target ${tid}: ${name}\n    System information:\n        Driver: iscsi\n        State: ready\n    I_T nexus information:\n`,
    ...aliases.map((alias, index) => `        I_T nexus: ${index + 1}\n${wordsOfSession(alias)}`),
    '    LUN information:\n',
    wordsOfLun(0, 'controller', `IET     000${tid}0000`, `beaf${tid}0`, 'None'),
    ...(backing === undefined ? [] : [wordsOfLun(1, 'disk', id, id.replace('-', ''), backing)]),
    `    Account information:\n${accounts.map((account) => `        ${account}\n`).join('')}`,
    `    ACL information:\n${acl.map((entry) => `        ${entry}\n`).join('')}`,
  ].join('');
}

function wordsOfSession(alias: string): string {
  // Nothing follows a zero byte: it ends the key's value.
  const [chosen = ''] = alias.split('\0');
  const words = `            Initiator: iqn.2009-11.org.vbs:att-1 alias: ${chosen}\n            Connection: 0\n                IP Address: 192.0.2.7\n`;
  return words.slice(0, sessionBytes - 1);
}

function wordsOfLun(number: number, type: string, id: string, serial: string, path: string): string {
  return [
    `        LUN: ${number}`,
    ...[
      `Type: ${type}`,
      `SCSI ID: ${id}`,
      `SCSI SN: ${serial}`,
      `Size: ${number === 0 ? '0 MB, Block size: 1' : '1074 MB, Block size: 512'}`,
      'Online: Yes',
      'Removable media: No',
      'Prevent removal: No',
      'Readonly: No',
      'SWP: No',
      'Thin-provisioning: No',
      `Backing store type: ${number === 0 ? 'null' : 'rdwr'}`,
      `Backing store path: ${path}`,
      `Backing store flags: ${number === 0 ? '' : 'sync'}`,
    ].map((line) => `            ${line}`),
    '',
  ].join('\n');
}
