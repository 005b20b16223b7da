import { closeSync, fchmodSync, fstatSync, ftruncateSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface LogFileOptions {
  readonly file: string;
  /** A file of more is put aside as `FILE.1`, and that as `FILE.2`. */
  readonly mostBytes: number;
  /** How many are kept besides. */
  readonly files: number;
}

/** A log that only its owner reads and that does not grow without end. */
export interface LogFile {
  /** A line with its end. Never throws: a log that cannot be written, as on a full disk, must fail nobody's request. */
  write(line: string): void;
  /** Begins the file anew by its name, after somebody has put it aside. */
  reopen(): void;
  /** What is written afterwards is lost. To be called once. */
  close(): void;
}

/** How much is kept of a log that cannot be written; what comes after is lost. */
const mostUnwrittenBytes = 1024 * 1024;

/**
 * Opens the file, making it and its folder when they are missing. Every line is written at once: the last ones before a crash are those that matter.
 * Lines that could not be written are written with the next one that can be. What is no ordinary file (a pipe, a device) is written and nothing else.
 */
export function openLogFile({ file, mostBytes, files }: LogFileOptions): LogFile {
  let opened = open(file);
  let isClosed = false;
  let unwritten: Buffer[] = [];
  let unwrittenBytes = 0;

  const reopen = (): void => {
    const before = opened.descriptor;
    // The name may be out of reach for a moment; then the old file goes on.
    opened = open(file);
    closeSync(before);
  };

  const putAside = (): void => {
    try {
      if (isSameFile(file, opened.descriptor)) {
        rmSync(`${file}.${files}`, { force: true });
        for (let number = files - 1; number >= 1; number -= 1) {
          renameWhereThere(`${file}.${number}`, `${file}.${number + 1}`);
        }
        renameSync(file, `${file}.1`);
      }
      reopen();
    } catch (cause) {
      // It must not fill the disk because nothing can be made beside it.
      ftruncateSync(opened.descriptor, 0);
      opened.bytes = 0;
      const line = {
        level: 40,
        time: new Date().toISOString(),
        msg: `the log was emptied, since it cannot be put aside: ${String(cause)}`,
      };
      add(Buffer.from(`${JSON.stringify(line)}\n`));
    }
  };

  const add = (line: Buffer): void => {
    if (unwrittenBytes + line.length <= mostUnwrittenBytes) {
      unwritten.push(line);
      unwrittenBytes += line.length;
    }
  };

  const flush = (): void => {
    for (const [index, line] of unwritten.entries()) {
      let writtenBytes = 0;
      try {
        while (writtenBytes < line.length) {
          writtenBytes += writeSync(opened.descriptor, line, writtenBytes);
        }
      } finally {
        opened.bytes += writtenBytes;
        unwrittenBytes -= writtenBytes;
        if (writtenBytes < line.length) {
          unwritten = [line.subarray(writtenBytes), ...unwritten.slice(index + 1)];
        }
      }
    }
    unwritten = [];
  };

  return {
    write(text) {
      // What goes on after the end must not write into whatever is opened under the same number next.
      if (isClosed) return;
      try {
        const line = Buffer.from(text);
        if (opened.isOrdinary && opened.bytes > 0 && opened.bytes + line.length > mostBytes) {
          putAside();
        }
        add(line);
        flush();
      } catch {
        // Kept for the next line.
      }
    },
    reopen() {
      if (isClosed) return;
      try {
        reopen();
      } catch {
        // The old file goes on.
      }
    },
    close() {
      isClosed = true;
      closeSync(opened.descriptor);
    },
  };
}

function open(file: string) {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const descriptor = openSync(file, 'a', 0o600);
  const status = fstatSync(descriptor);
  const isOrdinary = status.isFile();
  if (isOrdinary && (status.mode & 0o077) !== 0) {
    hide(descriptor);
  }
  return { descriptor, isOrdinary, bytes: status.size };
}

/** Left as it is when it is another user's, who lets us write there. */
function hide(descriptor: number): void {
  try {
    fchmodSync(descriptor, 0o600);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') throw cause;
  }
}

function isSameFile(file: string, descriptor: number): boolean {
  const named = statSync(file, { throwIfNoEntry: false });
  return named !== undefined && named.ino === fstatSync(descriptor).ino;
}

function renameWhereThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false }) !== undefined) {
    renameSync(from, to);
  }
}
