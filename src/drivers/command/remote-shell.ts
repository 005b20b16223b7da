import { Socket } from 'node:net';
import { execa } from 'execa';
import { localEnvironment } from './local-host.ts';

/** What was gathered while a script ran, and why no more was. */
export interface ShellOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** `lost`: the shell has ended, and whoever carried it to us may have said why. */
  readonly ending: 'over' | 'lost' | 'timed out' | 'wrote too much';
  /** Of the program that carries the shell to us, when it could not be started at all. */
  readonly startFailure?: string;
}

/** A shell somewhere else that runs one script after the other, so that nobody has to be let in for each of them. */
export interface RemoteShell {
  isOpen(): boolean;
  /**
   * One script at a time. It is over when `isOver` says so of the latest characters of both streams, of which it gets at least `tailLength`.
   * The shell is closed after any other ending; what it had begun may go on where it runs.
   */
  run(script: string, isOver: (stdoutTail: string, stderrTail: string) => boolean, timeoutMs: number): Promise<ShellOutput>;
  close(): void;
}

/** In characters. A listing longer than this is a runaway command. */
export const outputLimit = 16 * 1024 * 1024;
const tailLength = 1_024;

/** Opens a shell that `program` carries to us. While no script runs it keeps nobody's process from ending, and it ends with that process. */
export function openRemoteShell(program: string, args: readonly string[]): RemoteShell {
  const carrier = execa(program, args, {
    stdin: 'pipe',
    buffer: false,
    reject: false,
    env: localEnvironment,
    extendEnv: false,
    // A Ctrl+C that stops the service must not cut off the commands of operations that the service still finishes.
    detached: true,
    // The service's own end is not that of a command: what runs elsewhere is found again by looking.
    cleanup: false,
  });
  const stdout = gathering();
  const stderr = gathering();
  let isOpen = true;
  let startFailure: string | undefined;
  let notice: (() => void) | undefined;
  const keepAwake = (isBusy: boolean): void => {
    const handles = [carrier, carrier.stdin, carrier.stdout, carrier.stderr].filter((each) => each instanceof Socket || each === carrier);
    for (const handle of handles as readonly { ref(): void; unref(): void }[]) {
      if (isBusy) handle.ref();
      else handle.unref();
    }
  };

  // A shell that ends before it has read everything is told by its end.
  carrier.stdin.on('error', () => undefined);
  for (const [stream, gathered] of [
    [carrier.stdout, stdout],
    [carrier.stderr, stderr],
  ] as const) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      // What comes while nothing runs is nobody's.
      if (notice === undefined) return;
      gathered.add(text);
      notice();
    });
  }
  carrier.then(({ code }) => {
    isOpen = false;
    startFailure = code;
    notice?.();
  });
  keepAwake(false);

  const close = (): void => {
    isOpen = false;
    carrier.kill();
  };

  return {
    isOpen: () => isOpen,
    close,
    run(script, isOver, timeoutMs) {
      stdout.clear();
      stderr.clear();
      keepAwake(true);
      return new Promise((resolve) => {
        const end = (ending: ShellOutput['ending']): void => {
          clearTimeout(timer);
          notice = undefined;
          if (ending !== 'over') close();
          keepAwake(false);
          resolve({ stdout: stdout.text(), stderr: stderr.text(), ending, ...(startFailure !== undefined && { startFailure }) });
        };
        const timer = setTimeout(() => end('timed out'), timeoutMs);
        notice = () => {
          if (isOver(stdout.tail(), stderr.tail())) end('over');
          else if (!isOpen) end('lost');
          else if (stdout.length() + stderr.length() > outputLimit) end('wrote too much');
        };
        if (isOpen) carrier.stdin.write(script);
        else notice();
      });
    },
  };
}

/** A growing text whose end is at hand without all of it being put together. */
function gathering() {
  let chunks: string[] = [];
  let length = 0;
  let tail = '';
  return {
    add(text: string): void {
      chunks.push(text);
      length += text.length;
      tail = (tail + text).slice(-tailLength);
    },
    clear(): void {
      chunks = [];
      length = 0;
      tail = '';
    },
    length: () => length,
    tail: () => tail,
    text: () => chunks.join(''),
  };
}
