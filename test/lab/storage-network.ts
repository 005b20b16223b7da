import { join } from 'node:path';

/**
 * The private network of a lab is a hub within the volume server's QEMU, with a leg to each node. A leg is a pair of datagram sockets, so that either
 * side may start first, or start anew. Nothing of it can be seen from this machine's own network, and no right is needed to make it.
 */
export function hubDevices(folder: string, nodeNames: readonly string[], macAddress: string): readonly string[] {
  const legs = nodeNames.flatMap((node) => [
    ...['-netdev', datagrams(`leg-${node}`, hubSide(folder, node), nodeSide(folder, node))],
    ...['-netdev', `hubport,id=port-${node},hubid=0,netdev=leg-${node}`],
  ]);
  return [...legs, '-netdev', 'hubport,id=storage,hubid=0', '-device', networkCard(macAddress)];
}

export function nodeDevices(folder: string, node: string, macAddress: string): readonly string[] {
  return ['-netdev', datagrams('storage', nodeSide(folder, node), hubSide(folder, node)), '-device', networkCard(macAddress)];
}

/** QEMU makes these and wants none to be there. */
export function networkSockets(folder: string, nodeNames: readonly string[]): readonly string[] {
  return nodeNames.flatMap((node) => [hubSide(folder, node), nodeSide(folder, node)]);
}

function datagrams(id: string, local: string, remote: string): string {
  return `dgram,id=${id},local.type=unix,local.path=${local},remote.type=unix,remote.path=${remote}`;
}

function networkCard(macAddress: string): string {
  return `virtio-net-pci,netdev=storage,mac=${macAddress},romfile=`;
}

function hubSide(folder: string, node: string): string {
  return join(folder, `${node}.hub`);
}

function nodeSide(folder: string, node: string): string {
  return join(folder, `${node}.net`);
}
