/** Why operations of a kind cannot be rolled back, and what to do in place of it. Those of every other kind can. */
export interface ForwardOnly {
  readonly reason: string;
  readonly next: string;
}

export const forwardOnly: Readonly<Record<string, ForwardOnly>> = {
  'detach-volume': {
    reason: 'a VM that was told to let go of its disk must not be given it again under its feet',
    next: 'let it end; then attach the volume again, or detach again when the VM held on to it',
  },
  'delete-volume': {
    reason: 'what is deleted is being wiped',
    next: 'let it end; when it halts, mend the cause and delete the volume again',
  },
  'delete-snapshot': {
    reason: 'what is deleted is being wiped',
    next: 'let it end; when it halts, mend the cause and delete the snapshot again',
  },
  'modify-volume': {
    reason: 'a volume that has grown cannot shrink',
    next: 'let it end; when it halts, mend the cause and modify the volume again',
  },
  'restore-attachment': {
    reason: 'what it has made serves a VM, whether or not the rest can be made',
    next: 'let it end; to take the attachment away, detach the volume then',
  },
  'reconcile-site': { reason: 'it only looks', next: 'let it end' },
};
