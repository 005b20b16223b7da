import type { Command } from 'commander';
import { defaultStateFolder } from '../settings/default-state-folder.ts';

/** Which state folder a command works with: that of `--state`, else that of the settings, else the default one, as the server itself chooses it. */
export interface StateChoice {
  readonly state?: string;
  readonly config?: string;
}

/** Adds the options of a command that works with the server's state folder. */
export function choosesState(command: Command): Command {
  return command
    .option('-c, --config <file>', "the server's settings, which may name the state folder")
    .option('--state <dir>', `the state folder of the server (default: that of --config, else ${defaultStateFolder()})`);
}
