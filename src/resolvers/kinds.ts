import { commandResolver } from './command/command-resolver.ts';
import { ec2Resolver } from './ec2/ec2-resolver.ts';
import { httpResolver } from './http/http-resolver.ts';
import { libvirtResolver } from './libvirt/libvirt-resolver.ts';
import { nimbusResolver } from './nimbus/nimbus-resolver.ts';
import { opennebulaResolver } from './opennebula/opennebula-resolver.ts';
import { openstackResolver } from './openstack/openstack-resolver.ts';
import { proxmoxResolver } from './proxmox/proxmox-resolver.ts';
import type { ResolverKind } from './resolver-kind.ts';
import { xenResolver } from './xen/xen-resolver.ts';

/** The kinds of cloud that the settings may name, each in a folder of its own. */
export const resolverKinds: ReadonlyMap<string, ResolverKind> = new Map(
  Object.entries({
    command: commandResolver,
    ec2: ec2Resolver,
    http: httpResolver,
    libvirt: libvirtResolver,
    nimbus: nimbusResolver,
    opennebula: opennebulaResolver,
    openstack: openstackResolver,
    proxmox: proxmoxResolver,
    xen: xenResolver,
  }),
);
