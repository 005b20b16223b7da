import { setTimeout as sleep } from 'node:timers/promises';

/** What the quickstart says, and how. */
export interface Voice {
  heading(text: string): void;
  line(text?: string): void;
  /** A command as it could be typed. */
  command(prompt: string, text: string): void;
  /** What a command answered. */
  result(text: string): void;
  /** Says what goes on, a dot every second that it takes, and how long it took. */
  during<Value>(label: string, work: Promise<Value>): Promise<Value>;
}

export function voiceOn(output: { write(text: string): unknown }): Voice {
  const line = (text = '') => void output.write(`${text}\n`);
  return {
    heading: (text) => line(`\n== ${text}`),
    line,
    command: (prompt, text) => line(`\n${prompt}$ ${text}`),
    result: (text) => line(text.replace(/^/gm, '    ')),
    async during(label, work) {
      const startedAtMs = Date.now();
      const seconds = () => `${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`;
      output.write(`  ${label} `);
      const dots = setInterval(() => output.write('.'), 1_000);
      try {
        const value = await work;
        line(`(${seconds()})`);
        return value;
      } catch (error) {
        line(`failed after ${seconds()}`);
        throw error;
      } finally {
        clearInterval(dots);
      }
    },
  };
}

/** Asks until there is an answer. Rejects with what `describe` says when there is none in time. */
export async function until<Value>(probe: () => Promise<Value | undefined>, timeoutMs: number, describe: () => string): Promise<Value> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (Date.now() > deadlineMs) throw new Error(describe());
    await sleep(100);
  }
}
