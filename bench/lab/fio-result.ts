/** What fio measured of one job. */
export interface FioJob {
  readonly name: string;
  readonly megabytesPerSecond: number;
  readonly operationsPerSecond: number;
}

interface FioSide {
  readonly total_ios: number;
  readonly bw_bytes: number;
  readonly iops: number;
}

interface FioOutput {
  readonly jobs: readonly { readonly jobname: string; readonly error: number; readonly read: FioSide; readonly write: FioSide }[];
}

/** Reads what fio writes with `--output-format=json` about jobs that either read or write. Throws when a job failed, or did nothing. */
export function readFioResult(output: string): readonly FioJob[] {
  // Warnings come before it.
  const { jobs } = JSON.parse(output.slice(output.indexOf('{'))) as FioOutput;
  return jobs.map(({ jobname, error, read, write }) => {
    if (error !== 0) throw new Error(`fio's job ${jobname} ended with error ${error}`);
    const side = read.total_ios > 0 ? read : write;
    if (side.total_ios === 0) throw new Error(`fio's job ${jobname} did nothing`);
    return { name: jobname, megabytesPerSecond: side.bw_bytes / 1e6, operationsPerSecond: side.iops };
  });
}
