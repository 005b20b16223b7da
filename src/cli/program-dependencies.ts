import type { Operator } from '../blockstore/operator.ts';
import type { Output } from './output.ts';

export interface ServeOptions {
  readonly config?: string;
  readonly simulate?: true;
  readonly listen?: string;
  readonly state?: string;
}

export interface ProgramDependencies {
  readonly version: string;
  readonly output: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Runs the server until a signal ends it. */
  serve(options: ServeOptions): Promise<void>;
  /** Opens the state folder that a server uses or has used. Throws CommandFailed when there is none, unless it is to be made. */
  openOperator(stateFolder: string, options?: { readonly make?: boolean }): { readonly operator: Operator; close(): void };
  sleep(milliseconds: number): Promise<void>;
  /** The first line of standard input. */
  readSecret(): Promise<string>;
}
