import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/vbs.js', import.meta.url));

/** The built service as a process, started with a umask that hides nothing. */
export interface ServedProgram {
  readonly process: ChildProcess;
  readonly endpoint: string;
  /** Ends it as a service manager does; answers its exit code. */
  stop(): Promise<number | null>;
}

/** `words` follow `vbs serve`. What it writes to standard error goes into a file. */
export async function serveProgram(words: readonly string[], errorFile: string): Promise<ServedProgram> {
  const errors = openSync(errorFile, 'a');
  const shell = ['-c', 'umask 000; exec "$@"', 'sh', process.execPath, program, 'serve', '--listen', '127.0.0.1:0', ...words];
  const started = spawn('sh', shell, { stdio: ['ignore', 'pipe', errors] });
  closeSync(errors);
  const exit = once(started, 'exit');
  let said = '';
  const endpoint = await new Promise<string>((resolve, reject) => {
    started.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const [, url] = /answers at (\S+)/.exec(said) ?? [];
      if (url !== undefined) resolve(url);
    });
    started.once('exit', () => reject(new Error(`the service did not start: ${said}`)));
  });
  return {
    process: started,
    endpoint,
    async stop() {
      started.kill('SIGTERM');
      const [code] = await exit;
      return code as number | null;
    },
  };
}
