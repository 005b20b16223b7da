import { posix } from 'node:path';
import type { CommandResult, Host, HostCommand } from '../command/host.ts';
import { DriverError } from '../driver-error.ts';

/** What comes of a tool that is of another version, is set up otherwise, is not well, or is not there. */
export const badAnswers = ['noise', 'another format', 'nothing', 'no end', 'no such program'] as const;
export type BadAnswer = (typeof badAnswers)[number];

/** What those write that answer; they claim success with it. */
const texts: Readonly<Partial<Record<BadAnswer, string>>> = {
  noise: 'WARNING: something is deprecated\n\t~~ 7f3c ~~\n0x00\n',
  'another format': '{\n  "report": [\n    {"name":"a", "size":"1.00g", "state":"running"}\n  ]\n}\n',
  nothing: '',
};

/** How long one that does not end is waited for, whatever the backend's own limit is. */
export const hangMs = 600;
const placingMs = 30_000;

/** A host on which every command answers like this. The last two are tried on the host itself. */
export function hostAnswering(host: Host, answer: BadAnswer): Host {
  return {
    name: host.name,
    async run(command) {
      const [program = ''] = command.argv;
      if (answer === 'no such program') return host.run({ ...command, argv: [`/nonexistent/${posix.basename(program)}`] });
      if (answer === 'no end') return host.run({ argv: ['sleep', '600'], timeoutMs: hangMs / 3 });
      return said(texts[answer] ?? '');
    },
  };
}

function said(stdout: string): CommandResult {
  return { exitCode: 0, timedOut: false, stdout, stderr: '', startedAtMs: 0, durationMs: 0 };
}

/** Programs of the host that are replaced for whoever runs through `host`. */
export interface ReplacedPrograms {
  readonly host: Host;
  /** Whether one of them was called since this was asked last. */
  wereCalled(): Promise<boolean>;
  /** Takes away what was put on the host. */
  remove(): Promise<void>;
}

/** Puts stand-ins of programs into a folder of their own on the host, which stands first in PATH: what scripts call is answered by them. */
export async function replacePrograms(host: Host, programs: readonly string[], answer: BadAnswer, path: string): Promise<ReplacedPrograms> {
  const folder = (await must(host, { argv: ['mktemp', '-d'] })).trim();
  const calls = posix.join(folder, 'calls');
  for (const program of programs) {
    const file = posix.join(folder, program);
    await must(host, { argv: ['tee', '--', file], stdin: standIn(answer, calls) });
    await must(host, { argv: ['chmod', '755', file] });
  }
  const PATH = `${folder}:${path}`;
  return {
    host: {
      name: host.name,
      run: (command) => host.run({ ...command, env: { ...command.env, PATH }, timeoutMs: Math.min(command.timeoutMs, hangMs) }),
    },
    async wereCalled() {
      const { exitCode } = await host.run({ argv: ['rm', '--', calls], timeoutMs: placingMs });
      return exitCode === 0;
    },
    async remove() {
      await must(host, { argv: ['rm', '--recursive', '--force', '--', folder] });
    },
  };
}

function standIn(answer: BadAnswer, calls: string): string {
  // As a shell says it of a program that is not there.
  const missing = 'echo "$(basename "$0"): not found" >&2; exit 127';
  const deed = answer === 'no such program' ? missing : answer === 'no end' ? 'exec sleep 600' : `cat <<'END'\n${texts[answer] ?? ''}END`;
  return `#!/bin/sh\n: > '${calls}'\n${deed}\n`;
}

async function must(host: Host, command: Pick<HostCommand, 'argv' | 'stdin'>): Promise<string> {
  const { exitCode, stdout, stderr } = await host.run({ ...command, timeoutMs: placingMs });
  if (exitCode === 0) return stdout;
  throw new DriverError('refused', `${command.argv.join(' ')} on ${host.name} failed: ${stderr.trim()}`);
}
