import * as z from 'zod';
import { limits } from './limits.ts';

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be letters, digits, dots, dashes or underscores');
const addressForm = 'must be HOST:PORT, as 127.0.0.1:8773';
const address = z.string({ error: addressForm }).regex(/^(\[[0-9A-Fa-f:.]+\]|[^:\s]+):\d{1,5}$/, addressForm);
const milliseconds = z.int().min(1);
const accountForm = 'must be an account id: twelve digits, in quotes';
const account = z.string({ error: accountForm }).regex(/^\d{12}$/, accountForm);

/** A backend by the name of its pattern file, with the settings that the file declares. */
const backend = z.strictObject({
  driver: name,
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});

/** ssh's own configuration has no way to write a double quote. */
const file = z.string().regex(/^[^"\n]+$/, 'must be a path without double quotes');

/** How another machine is reached; without it a host is this machine. */
const ssh = z.strictObject({
  host: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.:_-]*$/, 'must be a host name or an IP address'),
  port: z.int().min(1).max(65_535).default(22),
  user: name.default('root'),
  identityFile: file,
  knownHostsFile: file,
  /** Where the backends' scripts are put on that machine; its user must be able to write there. */
  scriptsFolder: z
    .string()
    .regex(/^(?:\/[A-Za-z0-9_+@:-][A-Za-z0-9._+@:-]*)+$/, 'must be an absolute path')
    .default('/var/lib/vbs/scripts'),
});

/** About what a disk writes beside its other work. */
export const defaultWipeMiBps = 100;

const volumeServer = z.strictObject({
  name,
  ssh: ssh.optional(),
  volumes: backend,
  /** How fast what was deleted is wiped, where that is done afterwards. */
  wipeMiBps: z.number().min(1).optional(),
  exports: backend.extend({
    /** `managed`: the service starts the backend's daemon itself when it does not run, and leaves it running. Only for tgt. */
    daemon: z.enum(['managed', 'external']).default('external'),
    /** That a backend without authentication is wanted; without this word it is refused. */
    openToNetwork: z.boolean().default(false),
  }),
});

const vmmHost = z.strictObject({
  name,
  ssh: ssh.optional(),
  vmm: backend,
  initiator: backend.optional(),
  /** Of a host whose initiator has one fixed name; otherwise every attachment gets a name of its own. */
  initiatorName: z
    .string()
    .regex(/^iqn\.\d{4}-\d{2}\.[a-z0-9.-]+(:[a-z0-9.:_-]+)?$/, 'must be an iSCSI name, as iqn.2009-11.org.example:vmm1')
    .optional(),
});

const instance = z.strictObject({
  id: z.string().min(1),
  vmmHost: name,
  domain: z.string().min(1),
  /** Whose it is; without it, the operator's. */
  account: account.optional(),
  name: z.string().optional(),
  privateIpAddress: z.string().optional(),
  publicIpAddress: z.string().optional(),
});

const range = z
  .tuple([z.int().min(1), z.int().min(1)])
  .refine(([least, most]) => least <= most, 'must be [LEAST, MOST], the least first')
  .readonly();

/** What a volume type has otherwise than on EBS. */
const volumeType = z.strictObject({
  offered: z.boolean().default(true),
  sizeGiB: range.optional(),
  volumeServer: name.optional(),
});
const volumeTypeWithIops = volumeType.extend({ iops: range.optional() });

/** How long what is deleted can be had back. */
const retention = z.strictObject({ retentionDays: z.number().min(0).max(365).default(0) }).prefault({});

/** A cloud that is asked where its instances run. What a kind has of its own is checked by the kind. */
const resolver = z.looseObject({
  kind: name,
  /** The kind's name, when there is one of it. */
  name: name.optional(),
  /** The ids that it is asked for; by default all but the direct form. */
  ids: z
    .string()
    .refine((text) => isPattern(text), 'must be a regular expression')
    .default('^[^/]+$'),
  /** VMM hosts by the cloud's name for them. */
  hosts: z.record(z.string(), name).default({}),
  /** Accounts by the cloud's name for the owner of an instance; one that is not among them has the operator's instances. */
  accounts: z.record(z.string(), account).default({}),
  /** The cloud's names for owners are account ids themselves. */
  ownersAreAccounts: z.boolean().default(false),
  timeoutMs: milliseconds.default(5_000),
  /** How long an answer is remembered, and how many. Not for an attach, which asks anew. */
  cacheMs: z.int().min(0).default(10_000),
  cacheEntries: z.int().min(1).default(10_000),
  /** After so many failures in a row, or one time-out, it is left alone for so long. */
  failures: z.int().min(1).default(3),
  pauseMs: milliseconds.default(15_000),
  /** How many questions it is asked at the same time, and how many more of one account may wait. */
  concurrency: z.int().min(1).default(16),
  waitingOfAccount: z.int().min(1).default(1_000),
});

const hostName = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, 'must be a host name without a port');

const share = z.number().min(0).max(1);

/** What is made to go wrong on purpose, to test the service and what depends on it. */
const faults = z.strictObject({
  /** Puts faults into the calls of the site's drivers; the same number gives the same ones. */
  seed: z.int().min(0).optional(),
  /** How often each kind happens, as a share of all calls; what is missing has its default. */
  rates: z
    .strictObject({
      error: share,
      'error-after': share,
      hang: share,
      'hang-after': share,
      delay: share,
      lie: share,
      conflict: share,
      unavailable: share,
    })
    .partial()
    .default({}),
  /** The process ends itself, as by kill -9, just before or after its n-th journal write. */
  crash: z.strictObject({ write: z.int().min(1), moment: z.enum(['before', 'after']) }).optional(),
});

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) !== undefined;
  } catch {
    return false;
  }
}

/** Everything that can be set. config/vbs.example.yaml says what each is for. */
export const settingsSchema = z.strictObject({
  listen: address.default('127.0.0.1:8773'),
  publicEndpoint: z.string().optional(),
  /** Names that what is answered without a signature may be asked by. */
  hostNames: z.array(hostName).default([]),
  limits: limits.prefault({}),
  state: z.string().min(1).optional(),
  /** Has the instances that nobody else has, and may name VMs directly. Without it, the account of the first access key. */
  operatorAccount: account.optional(),
  region: name.default('us-east-1'),
  zones: z.array(name).min(1).default(['us-east-1a']),
  iqnPrefix: z
    .string()
    .regex(
      /^iqn\.\d{4}-\d{2}\.[a-z0-9-]+(\.[a-z0-9-]+)+$/,
      'must be iqn.YEAR-MONTH.DOMAIN with a dot in the domain, as iqn.2009-11.org.vbs',
    )
    .default('iqn.2009-11.org.vbs'),
  signatures: z
    .strictObject({
      scope: z.enum(['lenient', 'strict']).default('lenient'),
      acceptsVersion1: z.boolean().default(false),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
      file: z.string().optional(),
      /** A file of more is put aside, and so many are kept besides. */
      maxMiB: z.int().min(1).max(10_000).default(64),
      files: z.int().min(1).max(100).default(5),
    })
    .prefault({}),
  /** Without it there are no metrics to ask for. */
  metrics: z.strictObject({ listen: address }).optional(),
  driverFolders: z.array(z.string()).default([]),
  volumeTypes: z
    .strictObject({
      gp2: volumeType.optional(),
      gp3: volumeTypeWithIops.extend({ throughputMiBps: range.optional() }).optional(),
      io1: volumeTypeWithIops.optional(),
      io2: volumeTypeWithIops.optional(),
      st1: volumeType.optional(),
      sc1: volumeType.optional(),
      standard: volumeType.optional(),
    })
    .prefault({}),
  retention: z
    .strictObject({
      /** Of operations with their journals, after their end, and of what is gone: attachments, volumes, snapshots. */
      operationsDays: z.number().min(1).max(36_500).default(90),
      /** As EC2's, for a day at the least. */
      clientTokensHours: z.number().min(24).max(876_000).default(72),
    })
    .prefault({}),
  recycleBin: z.strictObject({ volumes: retention, snapshots: retention }).prefault({}),
  volumeServers: z.array(volumeServer).min(1).optional(),
  vmmHosts: z.array(vmmHost).default([]),
  instances: z.array(instance).default([]),
  resolvers: z.array(resolver).default([]),
  operations: z
    .strictObject({
      concurrency: z.int().min(1).default(16),
      openPerAccount: z.int().min(1).default(5_000),
      attempts: z.int().min(1).default(3),
      backoffMs: milliseconds.default(200),
      settleMs: milliseconds.default(5_000),
      lateCommandMs: z.int().min(0).default(5_000),
    })
    .prefault({}),
  reconcile: z
    .strictObject({
      everySeconds: z.int().min(5).default(60),
    })
    .prefault({}),
  endedInstances: z
    .strictObject({
      /** Which word of a cloud ends the attachments of an instance: that it has ended, or also that it has no such instance. */
      when: z.enum(['never', 'reported', 'forgotten']).default('reported'),
      graceSeconds: z.int().min(10).default(600),
    })
    .prefault({}),
  simulation: z
    .strictObject({
      /** 1: as long as real tools take. 0: at once. */
      latencyFactor: z.number().min(0).default(1),
      /** VMs besides the eight, as HOST/DOMAIN: what a resolver's cloud has. */
      domains: z.array(z.string().regex(/^(vmm1|vmm2)\/[^/]+$/, 'must be vmm1/DOMAIN or vmm2/DOMAIN')).default([]),
      /** Whose the eight are, by instance id; the others are the operator's. */
      accounts: z.record(z.string(), account).default({}),
    })
    .prefault({}),
  faults: faults.prefault({}),
});

/** What the items of lists are, of which more is checked than their form. */
export const listedSettings = { volumeServers: volumeServer, vmmHosts: vmmHost, instances: instance, resolvers: resolver };

export type Settings = z.output<typeof settingsSchema>;
export type VolumeServerSettings = NonNullable<Settings['volumeServers']>[number];
export type VmmHostSettings = Settings['vmmHosts'][number];
export type SshSettings = z.output<typeof ssh>;
export type FaultSettings = Settings['faults'];
export type BackendSettings = z.output<typeof backend>;
export type ResolverSettings = z.output<typeof resolver>;
