import { CommandFailed, exitCodes } from '../cli/exit-codes.ts';

/** An address of the settings, or of the option that `origin` names. Throws CommandFailed. */
export function listenAddress(text: string, origin = '--listen'): { host: string; port: number } {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new CommandFailed(exitCodes.wrongUsage, `${origin} ${text}: must be HOST:PORT, as 127.0.0.1:8773`);
  }
  return { host: match[1] ?? match[2] ?? '', port };
}

export function httpUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
