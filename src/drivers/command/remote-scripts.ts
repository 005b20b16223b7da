import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { DriverError } from '../driver-error.ts';
import type { Host } from './host.ts';

/** The scripts of a folder of backends, to be copied to hosts that do not share our files. */
export interface Scripts {
  readonly files: readonly { readonly name: string; readonly text: string }[];
  /** Of names and contents: another version has another one. */
  readonly hash: string;
}

const installTimeoutMs = 60_000;

/** Reads a folder of scripts; one that is not there has none. */
export async function readScripts(folder: string): Promise<Scripts> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw cause;
  });
  const files = await Promise.all(
    // What has another name is no script: an editor's left-over, a hidden file.
    names
      .filter((name) => /^[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[a-z0-9]+)?$/.test(name))
      .sort()
      .map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })),
  );
  return { files, hash: createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16) };
}

/** Where a version of the scripts is on a remote host. Versions stand side by side, so that one that is in use is never changed. */
export function remoteScriptsFolder(base: string, { hash }: Scripts): string {
  return posix.join(base, hash);
}

/** Copies the scripts to a host unless they are there. The folder appears whole or not at all. Idempotent; throws DriverError. */
export async function installScripts(host: Host, base: string, scripts: Scripts): Promise<void> {
  const folder = remoteScriptsFolder(base, scripts);
  const result = await host.run({
    argv: ['sh', '-s', '--', folder],
    stdin: installerOf(scripts),
    timeoutMs: installTimeoutMs,
  });
  if (result.exitCode === 0) return;
  const said = result.stderr.trim().split('\n').at(-1) ?? '';
  throw new DriverError(
    result.exitCode === undefined ? 'unknown' : 'refused',
    `the scripts of the backends cannot be put into ${folder} on ${host.name}: ${said}`,
    { retryable: true },
  );
}

/** A shell program that writes the files: the host needs nothing but a POSIX shell and coreutils for it. */
function installerOf({ files, hash }: Scripts): string {
  // No file can hold its own hash.
  const end = `end-${hash}`;
  return [
    'set -eu',
    'umask 022',
    'folder=$1',
    '[ ! -d "$folder" ] || exit 0',
    'mkdir --parents -- "$(dirname -- "$folder")"',
    'new=$(mktemp --directory -- "$folder.XXXXXXXX")',
    `trap 'rm --recursive --force -- "$new"' EXIT`,
    'chmod 0755 -- "$new"',
    ...files.flatMap(({ name, text }) => [
      `cat > "$new/${name}" <<'${end}'\n${text.endsWith('\n') ? text : `${text}\n`}${end}`,
      `chmod 0755 -- "$new/${name}"`,
      `sync -- "$new/${name}"`,
    ]),
    // Another one may have been first.
    'mv --no-target-directory -- "$new" "$folder" 2>/dev/null || [ -d "$folder" ]',
    '',
  ].join('\n');
}
