import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { SshAddress } from '../../src/drivers/command/ssh-host.ts';

export interface KeyPair {
  readonly identityFile: string;
  /** Without its type, which is ssh-ed25519, and without a comment. */
  readonly publicKey: string;
}

/** A key for one lab, without a passphrase. */
export async function makeKeyPair(folder: string): Promise<KeyPair> {
  const identityFile = join(folder, 'id_ed25519');
  await Promise.all([rm(identityFile, { force: true }), rm(`${identityFile}.pub`, { force: true })]);
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', identityFile]);
  const { stdout } = await execa('ssh-keygen', ['-y', '-f', identityFile]);
  const [, publicKey = ''] = stdout.split(' ');
  return { identityFile, publicKey };
}

/** Writes a configuration with which `ssh -F FILE NAME` reaches each host. */
export async function writeSshConfig(file: string, hosts: readonly { name: string; ssh: SshAddress }[]): Promise<void> {
  await writeFile(
    file,
    hosts
      .map(
        ({ name, ssh }) =>
          `Host ${name}\n${sshOptions(ssh)
            .map((option) => `  ${option}\n`)
            .join('')}`,
      )
      .join('\n'),
  );
}

function sshOptions({ host, port, user, identityFile, knownHostsFile }: SshAddress): readonly string[] {
  return [
    `HostName ${host}`,
    `Port ${port}`,
    `User ${user}`,
    `IdentityFile ${identityFile}`,
    'IdentitiesOnly yes',
    `UserKnownHostsFile ${knownHostsFile}`,
    'StrictHostKeyChecking yes',
    'LogLevel ERROR',
  ];
}
