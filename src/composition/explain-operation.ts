import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createBlockstore } from '../blockstore/create-blockstore.ts';
import { operationPlaces } from '../blockstore/operation-places.ts';
import { allSagas } from '../blockstore/sagas/all-sagas.ts';
import type { Site } from '../blockstore/site.ts';
import { YamlRefused } from '../checked-yaml/checked-yaml.ts';
import { CommandFailed, exitCodes } from '../cli/exit-codes.ts';
import type { ExplainRequest, OperationExplanation } from '../cli/program-dependencies.ts';
import { loadCatalogue, scriptsFolderOf } from '../drivers/command/catalogue.ts';
import {
  type ExplainedCommand,
  type ExplainedContext,
  explainedExportServer,
  explainedInitiator,
  explainedVmm,
  explainedVolumeServer,
} from '../drivers/command/explained-driver.ts';
import { isCommandLine, type Pattern } from '../drivers/command/pattern.ts';
import { readScripts, remoteScriptsFolder } from '../drivers/command/remote-scripts.ts';
import { SettingsRefused, siteSettings } from '../drivers/command/site-settings.ts';
import { explainedQemuVmm } from '../drivers/qemu/explained-qemu-vmm.ts';
import { errorAnswer } from '../ec2-query-api/errors.ts';
import type { Caller } from '../model/caller.ts';
import { Failure } from '../model/failure.ts';
import type { AccountId, InstanceId, SnapshotId, VolumeId } from '../model/ids.ts';
import { volumeTypesWith } from '../model/volume-type.ts';
import { chainResolvers } from '../resolvers/chain.ts';
import { directResolver } from '../resolvers/direct/direct-resolver.ts';
import { staticResolver } from '../resolvers/static/static-resolver.ts';
import { createOperationWorker } from '../saga/operation-worker.ts';
import { defaultStateFolder } from '../settings/default-state-folder.ts';
import { readSettings, SettingsUnusable } from '../settings/read-settings.ts';
import { refuseWrongPlaces } from '../settings/refuse-wrong-places.ts';
import type { BackendSettings, Settings, SshSettings } from '../settings/settings.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { embeddedVolumeServer } from './embedded-volume-server.ts';
import { listedInstances } from './listed-instances.ts';
import { shippedBackends } from './package-folder.ts';
import { dataFolderOf } from './state-folder.ts';

const caller: Caller = { accountId: '000000000000' as AccountId, accessKeyId: '' };

/**
 * The commands that an operation would run, host by host: the service's own use cases and sagas, in a database that is thrown away, on hosts
 * that run nothing and find what was made. Throws CommandFailed for what the service would refuse.
 */
export async function explainOperation(request: ExplainRequest): Promise<OperationExplanation> {
  const scratch = mkdtempSync(join(tmpdir(), 'vbs-explain-'));
  const said: ExplainedCommand[] = [];
  const store = openSqliteStore({ file: join(scratch, 'vbs.db'), clock: Date.now, newUuid: randomUUID });
  try {
    const checked = readSettings(request.config);
    refuseWrongPlaces(checked);
    const settings = checked.value;
    const site = await explainedSite(settings, (command) => said.push(command));
    const failures: string[] = [];
    const owner = randomUUID();
    const worker = createOperationWorker({
      journal: store,
      queue: store,
      definitions: allSagas({
        store,
        site,
        clock: Date.now,
        sleep: async () => undefined,
        patience: { attempts: 1, backoffMs: 1, settleMs: 0, progressEveryMs: 60_000 },
      }),
      owner,
      concurrency: 1,
      placeOf: operationPlaces(site),
      isBlocked: () => false,
      pollEveryMs: 60_000,
      lateCommandMs: 0,
      sleep: async () => undefined,
      onResult: (operation, result) => {
        if (result.outcome !== 'done') failures.push(`${operation.kind}: ${JSON.stringify(result)}`);
      },
      onInterrupted: (operation, cause) => failures.push(`${operation.kind}: ${String(cause)}`),
    });
    // Whosever they are: it is the operator who wants to know.
    const instances = listedInstances(settings).map(({ accountId: _accountId, ...instance }) => instance);
    const blockstore = createBlockstore({
      store,
      site,
      resolver: chainResolvers([staticResolver(() => instances), directResolver([...site.vmmHosts.keys()])]),
      operatorAccount: caller.accountId,
      // Deletions are explained as what they come to, not as a stay in the recycle bin.
      retention: { volumesMs: 0, snapshotsMs: 0 },
      mostOpenOperations: 1_000,
      owner,
      clock: Date.now,
      sleep: async () => undefined,
      newSecret: () => 'never-shown',
      startOperation: worker.start,
    });
    const settle = async () => {
      await worker.whenIdle();
      if (failures.length > 0) throw new Error(`what nothing was run for failed: ${failures.join('; ')}`);
    };
    const names = await perform(blockstore, request, settings, { settle, forget: () => said.splice(0) });
    await worker.stop(0);
    return { operation: request.operation, commands: said.map((command) => renamed(command, names)) };
  } catch (cause) {
    if (cause instanceof YamlRefused || cause instanceof SettingsUnusable || cause instanceof SettingsRefused) {
      throw new CommandFailed(exitCodes.wrongUsage, cause.message.split('\n'), { cause });
    }
    if (cause instanceof Failure) {
      const message = errorAnswer(cause).message.replace(/vol-[0-9a-f]{17}/g, request.volumeId ?? '<volume-id>');
      throw new CommandFailed(exitCodes.refused, message, { cause });
    }
    throw cause;
  } finally {
    store.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

type Blockstore = ReturnType<typeof createBlockstore>;

/** Does what the operation needs, forgets what that took, and does the operation. Answers the names that the caller gave, by those that were drawn. */
async function perform(
  { volumes, snapshots, attachments, modifications }: Blockstore,
  request: ExplainRequest,
  settings: Settings,
  { settle, forget }: { settle(): Promise<void>; forget(): void },
): Promise<ReadonlyMap<string, string>> {
  const [zone = ''] = settings.zones;
  const sizeGiB = request.sizeGiB ?? 1;
  const names = new Map<string, string>();
  const create = async (size: number, snapshotId?: SnapshotId) => {
    const { id } = await volumes.create(caller, {
      zone,
      type: 'gp3',
      tags: [],
      dryRun: false,
      sizeGiB: size,
      ...(snapshotId && { snapshotId }),
    });
    return id;
  };
  const created = async () => {
    const volumeId = await create(1);
    if (request.volumeId !== undefined) names.set(volumeId, request.volumeId);
    await settle();
    return volumeId;
  };
  const snapshot = async (volumeId: VolumeId) => {
    const { id } = await snapshots.create(caller, { volumeId, description: '', tags: [], dryRun: false });
    if (request.snapshotId !== undefined) names.set(id, request.snapshotId);
    return id;
  };
  const attach = async (volumeId: VolumeId) => {
    const [instanceId, device] = [request.instanceId as InstanceId, request.device ?? '/dev/sdf'];
    await attachments.attach(caller, { volumeId, instanceId, device, dryRun: false });
  };
  switch (request.operation) {
    case 'create-volume': {
      if (request.snapshotId === undefined) {
        names.set(await create(sizeGiB), '<volume-id>');
        break;
      }
      const snapshotId = await snapshot(await created());
      await settle();
      forget();
      names.set(await create(sizeGiB, snapshotId), '<volume-id>');
      break;
    }
    case 'delete-volume': {
      const volumeId = await created();
      forget();
      await volumes.delete(caller, { volumeId, dryRun: false });
      break;
    }
    case 'modify-volume': {
      const volumeId = await created();
      if (request.instanceId !== undefined) await attach(volumeId);
      await settle();
      forget();
      await modifications.modify(caller, { volumeId, sizeGiB, dryRun: false });
      break;
    }
    case 'create-snapshot': {
      const volumeId = await created();
      forget();
      names.set(await snapshot(volumeId), '<snapshot-id>');
      break;
    }
    case 'delete-snapshot': {
      const snapshotId = await snapshot(await created());
      await settle();
      forget();
      await snapshots.delete(caller, { snapshotId, dryRun: false });
      break;
    }
    case 'attach-volume': {
      const volumeId = await created();
      forget();
      await attach(volumeId);
      break;
    }
    case 'detach-volume': {
      const volumeId = await created();
      await attach(volumeId);
      await settle();
      forget();
      await attachments.detach(caller, { volumeId, dryRun: false });
      break;
    }
    default:
      request.operation satisfies never;
  }
  await settle();
  return names;
}

/** Whatever id was drawn stands there as the one that was given, or as what it is. */
function renamed(command: ExplainedCommand, names: ReadonlyMap<string, string>): ExplainedCommand {
  const rename = (text: string) => {
    let shown = text;
    for (const [drawn, given] of names) {
      shown = shown
        .replaceAll(drawn, given)
        .replaceAll(drawn.replace('-', ''), given.startsWith('<') ? `<serial of ${given.slice(1, -1)}>` : given.replace('-', ''));
    }
    return shown
      .replace(/att-[0-9a-f]{17}/g, '<attachment-id>')
      .replace(/(vol|snap)-[0-9a-f]{17}/g, (id) =>
        [...names.values()].includes(id) ? id : id.startsWith('vol') ? '<volume-id>' : '<snapshot-id>',
      );
  };
  return { ...command, argv: command.argv.map(rename), ...(command.stdin !== undefined && { stdin: rename(command.stdin) }) };
}

async function explainedSite(settings: Settings, say: ExplainedContext['say']): Promise<Site> {
  const catalogue = await loadCatalogue(shippedBackends, settings.driverFolders);
  const context = async (
    host: { readonly name: string; readonly ssh?: SshSettings | undefined },
    pattern: Pattern,
    { settings: given }: BackendSettings,
    known = {},
  ) => {
    const folder = scriptsFolderOf(pattern);
    const scriptsFolder = host.ssh === undefined ? folder : remoteScriptsFolder(host.ssh.scriptsFolder, await readScripts(folder));
    return {
      host: host.name,
      settings: { ...siteSettings(pattern, { ...known, ...given }), ...markedAsChosen(known, given) },
      scriptsFolder,
      say,
    };
  };
  const servers = settings.volumeServers ?? [embeddedVolumeServer(dataFolderOf(resolve(settings.state ?? defaultStateFolder())))];
  const volumeServers: Site['volumeServers'] = new Map(
    await Promise.all(
      servers.map(async (server) => {
        const volumes = catalogue.pattern('volume-server', server.volumes.driver);
        const exports = catalogue.pattern('export-server', server.exports.driver);
        const chosen = server.exports.daemon === 'managed' ? { portal: '127.0.0.1:0', controlSocket: '/chosen' } : {};
        return [
          server.name,
          {
            volumes: explainedVolumeServer(volumes, await context(server, volumes, server.volumes)),
            exports: explainedExportServer(exports, await context(server, exports, server.exports, chosen)),
          },
        ] as const;
      }),
    ),
  );
  const vmmHosts: Site['vmmHosts'] = new Map(
    await Promise.all(
      settings.vmmHosts.map(async (host) => {
        const vmm = catalogue.pattern('vmm', host.vmm.driver);
        const initiator = host.initiator && catalogue.pattern('initiator', host.initiator.driver);
        return [
          host.name,
          {
            vmm: isCommandLine(vmm)
              ? explainedVmm(vmm, await context(host, vmm, host.vmm))
              : explainedQemuVmm({ host: host.name, qmpSocket: String(siteSettings(vmm, host.vmm.settings).qmpSocket), say }),
            ...(initiator &&
              host.initiator && { initiator: explainedInitiator(initiator, await context(host, initiator, host.initiator)) }),
            ...(host.initiatorName !== undefined && { initiatorName: host.initiatorName }),
          },
        ] as const;
      }),
    ),
  );
  return {
    zones: settings.zones,
    iqnPrefix: settings.iqnPrefix,
    volumeTypes: volumeTypesWith(settings.volumeTypes),
    volumeServers,
    vmmHosts,
  };
}

/** What a daemon of the service's own is given when it is started. */
function markedAsChosen(
  known: Readonly<Record<string, string>>,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.keys(known)
      .filter((name) => given[name] === undefined)
      .map((name) => [name, `<${name}>`]),
  );
}
