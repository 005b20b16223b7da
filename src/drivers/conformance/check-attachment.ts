import type { AccessSpec, ExportFacts, ExportServer } from '../export-server.ts';
import type { Initiator, SessionFacts } from '../initiator.ts';
import type { DiskSource, Vmm } from '../vmm.ts';
import type { StoredFacts, VolumeServer } from '../volume-server.ts';
import { Broken, type Check, checkThing, createTrial } from './check-thing.ts';

export type AttachmentPart = 'export-server' | 'initiator' | 'vmm';

export interface CheckedAttachment {
  /** Which of the drivers below is held to its contract. The others make what that one works with. */
  readonly part: AttachmentPart;
  readonly volumes: VolumeServer;
  readonly exports: ExportServer;
  readonly initiator?: Initiator;
  readonly vmm?: Vmm;
  /** A running VM on the VMM host, which gets a disk and loses it; needed for a VMM. */
  readonly domain?: string;
  /** The device name that it gets. */
  readonly device: string;
  readonly volumeId: string;
  readonly bytes: number;
  readonly access: AccessSpec;
  /** How long what was made or removed may take to show. */
  readonly settleMs: number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Holds an export server, an initiator or a VMM to its contract, on a volume of its own. */
export async function checkAttachment(checked: CheckedAttachment): Promise<readonly Check[]> {
  const { part, volumes, volumeId, bytes } = checked;
  const volume = { volumeId, bytes };
  const trial = createTrial('preparation', []);
  const checks: Check[] = [];
  let stored: StoredFacts | undefined;
  await trial.holds('there is a volume to work with', async () => {
    trial.note(await volumes.volume.make(volume));
    stored = presentFacts(await trial.answer(volumes.volume.look(volume)), 'volume');
  });
  if (stored !== undefined) {
    checks.push(...(part === 'export-server' ? await checkExports(checked, stored) : await behindAnExport(checked, stored)));
  }
  await trial.always('that volume is taken away again', async () => {
    trial.note(await volumes.volume.unmake(volume));
    expectGone(await trial.answer(volumes.volume.look(volume)), 'volume');
  });
  return [...trial.checks, ...checks];
}

async function checkExports(checked: CheckedAttachment, { path, bytes }: StoredFacts): Promise<readonly Check[]> {
  const { exports, volumeId, access, settleMs, sleep } = checked;
  const { target } = access;
  const secrets = [access.chapSecret];
  return checkThing(
    { subject: 'export', thing: exports.export, spec: { volumeId, target, path, bytes }, listedName: target, secrets, settleMs, sleep },
    () => checkThing({ subject: 'access', thing: exports.access, spec: access, listedName: target, secrets, settleMs, sleep }),
  );
}

async function behindAnExport(checked: CheckedAttachment, { path, bytes }: StoredFacts): Promise<readonly Check[]> {
  const { exports, volumeId, access } = checked;
  const spec = { volumeId, target: access.target, path, bytes };
  const trial = createTrial('preparation', [access.chapSecret]);
  const checks: Check[] = [];
  let exported: ExportFacts | undefined;
  await trial.holds('there is an export that lets this host in', async () => {
    trial.note(await exports.export.make(spec));
    exported = presentFacts(await trial.answer(exports.export.look(spec)), 'export');
    trial.note(await exports.access.make(access));
  });
  if (exported !== undefined && trial.isIntact()) {
    checks.push(...(checked.part === 'initiator' ? await checkSession(checked, exported) : await checkDisks(checked, exported)));
  }
  await trial.always('that export is taken away again', async () => {
    trial.note(await exports.access.unmake(access));
    trial.note(await exports.export.unmake(spec));
    expectGone(await trial.answer(exports.export.look(spec)), 'export');
  });
  return [...trial.checks, ...checks];
}

async function checkSession(
  { initiator, volumeId, bytes, access, settleMs, sleep }: CheckedAttachment,
  exported: ExportFacts,
): Promise<readonly Check[]> {
  if (initiator === undefined) throw new Error('no initiator to check');
  return checkThing({
    subject: 'session',
    thing: initiator.session,
    spec: { ...access, ...exported, volumeId, bytes },
    listedName: access.target,
    secrets: [access.chapSecret],
    settleMs,
    sleep,
  });
}

async function checkDisks(checked: CheckedAttachment, exported: ExportFacts): Promise<readonly Check[]> {
  const { vmm, initiator, volumeId, bytes, access } = checked;
  if (vmm?.takes === 'export') return checkDisk(checked, { kind: 'export', ...access, ...exported });
  if (initiator === undefined) throw new Error('a VMM that takes a device needs an initiator');
  const trial = createTrial('preparation', [access.chapSecret]);
  const spec = { ...access, ...exported, volumeId, bytes };
  const checks: Check[] = [];
  let session: SessionFacts | undefined;
  await trial.holds('the VMM host has the device of that export', async () => {
    trial.note(await initiator.session.make(spec));
    session = presentFacts(await trial.answer(initiator.session.look(spec)), 'session');
  });
  if (session !== undefined) checks.push(...(await checkDisk(checked, { kind: 'device', path: session.devicePath })));
  await trial.always('that device is taken away again', async () => {
    trial.note(await initiator.session.unmake(spec));
    expectGone(await trial.answer(initiator.session.look(spec)), 'session');
  });
  return [...trial.checks, ...checks];
}

async function checkDisk(checked: CheckedAttachment, source: DiskSource): Promise<readonly Check[]> {
  const { vmm, domain, volumeId, device, bytes, access, settleMs, sleep } = checked;
  if (vmm === undefined || domain === undefined) throw new Error('no VM to check disks with');
  const trial = createTrial('domain', []);
  await trial.holds(`${domain} is found, runs and has a uuid`, async () => {
    const found = await trial.answer(vmm.domain(domain));
    if (found === undefined) throw new Broken(`the host has no VM ${domain}`);
    if (found.state !== 'running') throw new Broken(`${domain} does not run`);
    if (found.uuid === '') throw new Broken(`${domain} has no uuid`);
  });
  await trial.holds('a VM that is not there is not found', async () => {
    if ((await trial.answer(vmm.domain(`${domain}-${volumeId}`))) !== undefined) throw new Broken('it is');
  });
  if (!trial.isIntact()) return trial.checks;
  const disk = await checkThing({
    subject: 'disk',
    thing: vmm.disk,
    spec: { domain, volumeId, device, bytes, source },
    listedName: `${domain}:${volumeId}`,
    secrets: [access.chapSecret],
    settleMs,
    sleep,
  });
  return [...trial.checks, ...disk];
}

function presentFacts<Facts>(found: { readonly state: string; readonly facts?: Facts }, what: string): Facts {
  if (found.state !== 'present' || found.facts === undefined) throw new Broken(`the ${what} is ${found.state} after it was made`);
  return found.facts;
}

function expectGone(found: { readonly state: string }, what: string): void {
  if (found.state !== 'absent') throw new Broken(`the ${what} is ${found.state} after it was removed`);
}
