import type { Operator } from '../blockstore/operator.ts';
import type { CommandRecord } from '../model/command-record.ts';
import type { CommandFailed } from './exit-codes.ts';
import type { Output } from './output.ts';
import type { StateChoice } from './state-choice.ts';

export interface ServeOptions {
  readonly config?: string;
  readonly simulate?: true;
  readonly listen?: string;
  readonly state?: string;
  /** The seed of faults in the simulated site. */
  readonly faults?: number;
}

export interface ResolveOptions {
  readonly config?: string;
}

/** `no-such-host`: it was resolved, to a VMM host that the settings do not name, so that nothing can be attached. */
export type ResolveOutcome = 'resolved' | 'no-such-host' | 'not-known' | 'not-placed' | 'not-authorised' | 'unavailable' | 'contradicted';

/** What came of asking for an instance, and of asking each resolver; in words, for people and JSON. */
export interface Explanation {
  readonly instanceId: string;
  readonly outcome: ResolveOutcome;
  readonly vmmHost?: string;
  readonly domain?: string;
  /** As the cloud names it. */
  readonly owner?: string;
  /** Without it, the instance is the operator's. */
  readonly accountId?: string;
  readonly reason?: string;
  readonly testimonies: readonly {
    readonly resolver: string;
    readonly outcome: string;
    readonly vmmHost?: string;
    readonly domain?: string;
    readonly owner?: string;
    readonly accountId?: string;
    readonly reason?: string;
    readonly hint?: string;
    readonly durationMs: number;
  }[];
}

export interface LintReport {
  /** What the file is, for a sentence. */
  readonly describes: string;
  /** Each with the file and the line. */
  readonly complaints: readonly string[];
}

export interface ConformanceOptions {
  readonly config?: string;
  /** Of the settings; on this machine when missing. */
  readonly host?: string;
  /** The running VM that a VMM is checked with. */
  readonly domain?: string;
  /** The name that a disk gets in it. */
  readonly device: string;
  readonly sizeMiB: number;
  /** Settings of the backend besides those that the host has in the settings. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface ConformanceReport {
  /** What was checked and where, for a sentence. */
  readonly describes: string;
  readonly checks: readonly {
    readonly subject: string;
    readonly sentence: string;
    readonly outcome: 'held' | 'failed' | 'skipped';
    readonly reason?: string;
    readonly commands: readonly CommandRecord[];
  }[];
}

export interface Diagnosis {
  readonly findings: readonly {
    readonly host: string;
    readonly subject: string;
    readonly outcome: 'ok' | 'warning' | 'wrong';
    readonly found: string;
    readonly mend?: string;
  }[];
}

export interface ExplainRequest {
  readonly operation:
    | 'create-volume'
    | 'delete-volume'
    | 'modify-volume'
    | 'create-snapshot'
    | 'delete-snapshot'
    | 'attach-volume'
    | 'detach-volume';
  readonly config?: string;
  readonly volumeId?: string;
  readonly snapshotId?: string;
  readonly instanceId?: string;
  readonly device?: string;
  readonly sizeGiB?: number;
}

export interface OperationExplanation {
  readonly operation: string;
  readonly commands: readonly {
    readonly host: string;
    /** What it is for: `export.make`. */
    readonly verb: string;
    readonly argv: readonly string[];
    readonly stdin?: string;
  }[];
}

export interface ProgramDependencies {
  /** What made a command fail, when whoever gave it can mend that; `undefined` for a mistake of the program's own. */
  explainFailure(cause: unknown): CommandFailed | undefined;
  readonly version: string;
  readonly output: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Runs the server until a signal ends it. */
  serve(options: ServeOptions): Promise<void>;
  /** Opens the state folder that a server uses or has used. Throws CommandFailed when there is none, unless it is to be made. */
  openOperator(choice: StateChoice, options?: { readonly make?: boolean }): { readonly operator: Operator; close(): void };
  /** Puts a backup into the place of a database that no server uses. Throws CommandFailed for what is against it, having changed nothing. */
  restoreState(backup: string, choice: StateChoice): { readonly database: string; readonly kept?: string };
  /** Checks a backend file. Throws CommandFailed when it cannot be read. */
  lintDriver(file: string): Promise<LintReport>;
  /** Holds a backend file to its contract on a host, where things are made and removed. Throws CommandFailed when it cannot begin. */
  checkDriver(file: string, options: ConformanceOptions): Promise<ConformanceReport>;
  /** What an operation would run. Runs nothing. Throws CommandFailed for what the service would refuse. */
  explainOperation(request: ExplainRequest): Promise<OperationExplanation>;
  /** Looks at every host of the settings, and changes nothing. Throws CommandFailed when the settings cannot be used. */
  diagnoseSite(options: { readonly config?: string }): Promise<Diagnosis>;
  sleep(milliseconds: number): Promise<void>;
  /** Asks the resolvers of the settings where an instance is, beside a server that runs or without one. Throws CommandFailed. */
  explainInstance(instanceId: string, options: ResolveOptions): Promise<Explanation>;
  /** The first line of standard input. */
  readSecret(): Promise<string>;
}
