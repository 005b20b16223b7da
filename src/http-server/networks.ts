/** The members of one network, each of which may be idle. */
export interface Network<Member> {
  readonly name: string;
  /** In the order they came. */
  readonly members: Set<Member>;
  /** In the order they became so. */
  readonly idle: Set<Member>;
}

export interface Networks<Member> {
  find(name: string): Network<Member> | undefined;
  /** The one of this name, new when there is none. It is kept from its first member to its last. */
  open(name: string): Network<Member>;
  /** A new member is idle. */
  add(network: Network<Member>, member: Member): void;
  remove(network: Network<Member>, member: Member): void;
  setIdle(network: Network<Member>, member: Member, isIdle: boolean): void;
  longestIdle(network: Network<Member>): Member | undefined;
  oldest(network: Network<Member>): Member | undefined;
  /** One of those with the most members. */
  heaviest(): Network<Member> | undefined;
}

/** Groups by network. Everything takes the same time however many there are: it is asked for when there are too many. */
export function createNetworks<Member>(): Networks<Member> {
  const byName = new Map<string, Network<Member>>();
  /** By the number of their members, which changes by one at a time. */
  const bySize: Set<Network<Member>>[] = [];
  let largest = 0;
  const move = (network: Network<Member>, from: number, to: number): void => {
    bySize[from]?.delete(network);
    if (to > 0) {
      const peers = bySize[to] ?? new Set();
      bySize[to] = peers.add(network);
    }
    largest = Math.max(largest, to);
    while (largest > 0 && (bySize[largest]?.size ?? 0) === 0) largest -= 1;
  };
  return {
    find: (name) => byName.get(name),
    open: (name) => byName.get(name) ?? { name, members: new Set(), idle: new Set() },
    add(network, member) {
      byName.set(network.name, network);
      network.members.add(member);
      network.idle.add(member);
      move(network, network.members.size - 1, network.members.size);
    },
    remove(network, member) {
      if (!network.members.delete(member)) return;
      network.idle.delete(member);
      move(network, network.members.size + 1, network.members.size);
      if (network.members.size === 0) byName.delete(network.name);
    },
    setIdle(network, member, isIdle) {
      if (!network.members.has(member)) return;
      network.idle.delete(member);
      if (isIdle) network.idle.add(member);
    },
    longestIdle: ({ idle }) => idle.values().next().value,
    oldest: ({ members }) => members.values().next().value,
    heaviest: () => bySize[largest]?.values().next().value,
  };
}
