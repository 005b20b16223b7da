import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Arguments = Readonly<Record<string, unknown>>;
type Reply =
  | { readonly return: unknown }
  | { readonly error: { readonly class: string; readonly desc: string } }
  | 'silence'
  | 'hang up'
  | 'nonsense';

export const generic = (desc: string): Reply => ({ error: { class: 'GenericError', desc } });

export interface FakeQemu {
  readonly socketPath: string;
  readonly received: readonly { readonly command: string; readonly parameters: Arguments }[];
  /** Answers a command in another way than a good QEMU would; `undefined` leaves it to the good one. */
  interfere: (command: string, parameters: Arguments) => Reply | undefined;
  /** Whether a client is greeted. A monitor that serves another client does not. */
  greets: boolean;
  /** The root ports of a PCI Express machine, with what is plugged into each; none: a machine that takes disks anywhere. */
  readonly rootPorts: Map<string, string[]>;
  close(): Promise<void>;
}

/** As much of a monitor as the driver uses, with the answers of QEMU 7.2. One export of 1 MiB answers every login. */
export async function startFakeQemu(): Promise<FakeQemu> {
  const folder = mkdtempSync(join(tmpdir(), 'vbs-qmp-'));
  const socketPath = join(folder, 'fake.qmp');
  const children = new Map<string, Map<string, { type: string; properties: Arguments }>>([
    ['/objects', new Map()],
    ['/machine/peripheral', new Map()],
  ]);
  const nodes = new Map<string, Arguments>();
  const rootPorts = new Map<string, string[]>();
  const received: { command: string; parameters: Arguments }[] = [];
  const sockets = new Set<Socket>();

  const handlers: Readonly<Record<string, (parameters: Arguments) => Reply>> = {
    qmp_capabilities: () => ({ return: {} }),
    'query-status': () => ({ return: { status: 'running', running: true } }),
    'query-uuid': () => ({ return: { UUID: '4b0a0b52-0000-4000-8000-000000000000' } }),
    'qom-list': ({ path }) => {
      const plugged = rootPorts.get(String(path).split('/').at(-1) ?? '');
      if (plugged !== undefined) {
        const bus = plugged.map((_, index) => ({ name: `child[${index}]`, type: 'link<virtio-blk-pci>' }));
        return { return: [{ name: 'realized', type: 'bool' }, ...bus] };
      }
      const found = [...(children.get(String(path)) ?? [])].map(([name, { type }]) => ({ name, type: `child<${type}>` }));
      const ports = path === '/machine/peripheral' ? [...rootPorts.keys()].map((name) => ({ name, type: 'child<pcie-root-port>' })) : [];
      return { return: [...ports, ...found] };
    },
    'qom-get': ({ path, property }) => {
      const device = children.get('/machine/peripheral')?.get(String(path).split('/').at(-1) ?? '');
      return { return: device?.properties[String(property)] };
    },
    'query-named-block-nodes': () => ({
      return: [...nodes].map(([name, options]) => ({
        'node-name': name,
        file: `json:${JSON.stringify(options)}`,
        ro: options['read-only'] === true,
        image: { 'virtual-size': 1024 ** 2 },
      })),
    }),
    'object-add': ({ id, ...properties }) => {
      children.get('/objects')?.set(String(id), { type: String(properties['qom-type']), properties });
      return { return: {} };
    },
    'object-del': ({ id }) => (children.get('/objects')?.delete(String(id)) ? { return: {} } : generic(`object '${id}' not found`)),
    'blockdev-add': ({ 'node-name': name, ...options }) => {
      nodes.set(String(name), options);
      return { return: {} };
    },
    'blockdev-del': ({ 'node-name': name }) => {
      return nodes.delete(String(name)) ? { return: {} } : generic(`Failed to find node with node-name='${name}'`);
    },
    device_add: ({ id, driver, bus, addr, ...properties }) => {
      if (bus === undefined && rootPorts.size > 0) return generic("Bus 'pcie.0' does not support hotplugging");
      const port = rootPorts.get(String(bus));
      if (port !== undefined && addr === '0' && port.length > 0) return generic('PCI: slot 0 function 0 not available for virtio-blk-pci');
      // Without an address QEMU takes the next slot, which no guest looks at.
      const place =
        bus === undefined
          ? { parent_bus: '/machine/i440fx/pcihost/pci.0', addr: 24 }
          : { parent_bus: `/machine/peripheral/${bus}/${bus}`, addr: 8 * (port?.length ?? 0) };
      port?.push(String(id));
      children.get('/machine/peripheral')?.set(String(id), { type: String(driver), properties: { ...properties, ...place } });
      return { return: {} };
    },
    device_del: ({ id }) => {
      children.get('/machine/peripheral')?.delete(String(id));
      for (const [port, plugged] of rootPorts)
        rootPorts.set(
          port,
          plugged.filter((each) => each !== id),
        );
      return { return: {} };
    },
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const send = (message: unknown) => socket.write(`${JSON.stringify(message)}\r\n`);
    if (fake.greets) send({ QMP: { version: {}, capabilities: ['oob'] } });
    socket.setEncoding('utf8');
    const answer = (line: string) => {
      const { execute: command, arguments: parameters, id } = JSON.parse(String(line));
      if (command !== 'qmp_capabilities') received.push({ command, parameters });
      const reply =
        fake.interfere(command, parameters) ?? handlers[command]?.(parameters) ?? generic(`The command ${command} has not been found`);
      if (reply === 'silence') return;
      if (reply === 'hang up') return void socket.destroy();
      if (reply === 'nonsense') return void socket.write('(qemu) \n');
      // Events come at any time, between a command and its answer too.
      send({ timestamp: { seconds: 1, microseconds: 1 }, event: 'DEVICE_DELETED', data: { path: '/machine/peripheral/other' } });
      send({ ...reply, id });
    };
    socket.on('data', (chunk) => {
      for (const line of String(chunk).trimEnd().split('\n')) answer(line);
    });
  });
  const fake: FakeQemu = {
    socketPath,
    received,
    interfere: () => undefined,
    greets: true,
    rootPorts,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return fake;
}
