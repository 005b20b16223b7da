/** What stands before the figures in docs/benchmark.md. */
export function documentBeginning({
  conditions,
  measuredAt,
  words,
}: {
  readonly conditions: string;
  readonly measuredAt: Date;
  /** Of the command, behind its name. */
  readonly words: readonly string[];
}): string {
  const command = ['npm run bench:lab', ...(words.length > 0 ? ['--', ...words] : [])].join(' ');
  return `# The paper's benchmark, in the lab

<!-- Written by \`npm run bench:lab\`, wholly: do not edit. -->

The paper measures its volumes by bonnie++ and compares them with ATA over Ethernet, with a local logical volume and with a local image file. Here are the
same, measured by \`${command}\` in [the lab](lab.md) on ${measuredAt.toISOString().slice(0, 10)}, with fio besides, and what the service's own part in it
takes. [benchmarks.md](benchmarks.md) has the figures of the service itself.

**What the figures are worth.** All machines are emulated in software, processor and network card included, on ${conditions}. Every byte that goes over a
network costs processor time of two emulated machines, and disks are files in the page cache of one real machine. So the shape counts, one way
against another in the same run, and nothing absolute: on real machines all are faster by an order of magnitude, and disks and wires set the limits.

![Bars of every measure of the data path](benchmark.svg)

- **VBS-LVM**: a thick logical volume of \`vs1\`, which the service attached through its API, by tgtd, LIO or NVMe over TCP.
- **AoE-LVM**: the same by \`vblade\` as it comes, by hand; it answers writes from the page cache of \`vs1\`.
- **Local-LVM**: a logical volume on a disk of the Xen node's own.
- **Local-Image**: a file in ext4 on that disk, through a loop device.`;
}
