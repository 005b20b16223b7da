export interface ArchiveEntry {
  /** Without a leading slash. Folders come before what is in them. */
  readonly path: string;
  readonly content: Uint8Array | 'folder';
  readonly executable?: boolean;
}

const folderMode = 0o040755;
const fileMode = 0o100644;
const programMode = 0o100755;

/** An archive in the "new ASCII" cpio format, as the Linux kernel unpacks it for an initramfs (Documentation/driver-api/early-userspace/buffer-format.rst). */
export function cpioArchive(entries: readonly ArchiveEntry[]): Buffer {
  const members = entries.map((entry, index) => {
    const content = entry.content === 'folder' ? new Uint8Array() : entry.content;
    return member(entry.path, modeOf(entry), index + 1, content);
  });
  return Buffer.concat([...members, member('TRAILER!!!', 0, 0, new Uint8Array())]);
}

function modeOf(entry: ArchiveEntry): number {
  if (entry.content === 'folder') return folderMode;
  return entry.executable ? programMode : fileMode;
}

function member(path: string, mode: number, inode: number, content: Uint8Array): Buffer {
  const nameBytes = Buffer.byteLength(path) + 1;
  const links = 1;
  // ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
  const numbers = [inode, mode, 0, 0, links, 0, content.length, 0, 0, 0, 0, nameBytes, 0];
  const header = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}${path}\0`;
  return Buffer.concat([padded(Buffer.from(header)), padded(content)]);
}

/** Headers and contents each end on a multiple of four bytes. */
function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, new Uint8Array((4 - (bytes.length % 4)) % 4)]);
}
