import type { IdParameter, ParameterKind } from './id-parameters.ts';
import { controlDomains, type Tenant, type TenantName } from './tenants.ts';

/** Something of another account's, beside something of the same form that there never was. */
export interface ForeignValue {
  readonly what: string;
  readonly foreign: string;
  readonly missing: string;
}

const missing = {
  volume: 'vol-00000000000000000',
  snapshot: 'snap-00000000000000000',
  instance: 'i-ffffffff',
  account: '999999999999',
  key: 'alias/of-nobody',
  clientToken: 'token-of-nobody',
  device: '/dev/sdz',
} as const;

const askedAbout = ['neighbour', 'friend', 'operator'] as const satisfies readonly TenantName[];

/** All that others have which a parameter of this kind could name, in every state. */
export function valuesOfOthers(kind: ParameterKind, of: Readonly<Record<TenantName, Tenant>>): readonly ForeignValue[] {
  const ofEach = (valuesOf: (tenant: Tenant) => Readonly<Record<string, string>>, absent: string) =>
    askedAbout.flatMap((name) =>
      Object.entries(valuesOf(of[name])).map(([what, foreign]) => ({ what: `${what} of the ${name}`, foreign, missing: absent })),
    );
  const volumes = () => ofEach((tenant) => tenant.volumes, missing.volume);
  const snapshots = () => ofEach((tenant) => tenant.snapshots, missing.snapshot);
  const requestFor = (id: string) => `https://ec2.here-1.example/?Action=CopySnapshot&SourceSnapshotId=${id}`;
  switch (kind) {
    case 'volume':
      return volumes();
    case 'snapshot':
      return snapshots();
    case 'taggable':
      return [...volumes(), ...snapshots()];
    case 'request for a snapshot':
      return snapshots().map((each) => ({ ...each, foreign: requestFor(each.foreign), missing: requestFor(each.missing) }));
    case 'instance':
      return [...instances(of), ...directForms()];
    case 'account':
      return ofEach(({ accountId }) => ({ account: accountId }), missing.account);
    case 'key':
      return ofEach(({ kmsKeyId }) => ({ key: kmsKeyId }), missing.key);
    case 'client token':
      return ofEach(({ clientToken }) => ({ token: clientToken }), missing.clientToken);
    case 'device':
      return ofEach(({ device }) => ({ device }), missing.device);
    case 'page token':
    case 'filter':
    case 'plain':
      return [];
  }
}

/** The first three have volumes. */
const askedInstances = 4;

function instances(of: Readonly<Record<TenantName, Tenant>>): readonly ForeignValue[] {
  return askedAbout.flatMap((name) =>
    of[name].instanceIds
      .slice(0, askedInstances)
      .map((foreign, index) => ({ what: `instance ${index} of the ${name}`, foreign, missing: missing.instance })),
  );
}

/** A VM named by its host and domain: for operators only, so that not even the caller's own may be named so. */
function directForms(): readonly ForeignValue[] {
  const domains = (['visitor', ...askedAbout] as const).map(
    (name) => [`the direct form of a VM of the ${name}`, `vmm1/vm0-of-${name}`] as const,
  );
  const hosts = controlDomains.map((domain) => [`the host's own domain ${domain}`, domain] as const);
  return [...domains, ...hosts].map(([what, foreign]) => ({ what, foreign, missing: `${foreign.split('/')[0]}/no-such-domain` }));
}

/** What the caller would name, where the good request of the action has not the parameter. */
export function ownValue(kind: ParameterKind, { volumes, snapshots, instanceIds, ...tenant }: Tenant): string {
  switch (kind) {
    case 'volume':
    case 'taggable':
      return volumes.available;
    case 'snapshot':
      return snapshots.completed;
    case 'request for a snapshot':
      return `https://ec2.here-1.example/?Action=CopySnapshot&SourceSnapshotId=${snapshots.completed}`;
    case 'instance':
      return instanceIds[0] ?? '';
    case 'account':
      return tenant.accountId;
    case 'key':
      return tenant.kmsKeyId;
    case 'client token':
      return 'a-new-token';
    case 'device':
      return tenant.device;
    case 'page token':
    case 'filter':
    case 'plain':
      return '';
  }
}

/** The place behind this one in its list. */
export function secondPlace({ parameter }: IdParameter): string {
  return parameter.replace(/\.1(?!.*\.1)/, '.2');
}
