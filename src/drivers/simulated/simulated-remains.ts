import { DriverError } from '../driver-error.ts';
import type { Remains, RemainsFacts, RemainsSpec } from '../volume-server.ts';
import { type Machinery, simulatedThing } from './machinery.ts';

/** What was unmade in the simulated world, and waits to be wiped. */
export function simulatedRemains(machinery: Machinery, host: string): Remains {
  const { state, commit } = machinery;
  const { look, unmake, list } = simulatedThing<RemainsSpec, RemainsFacts>(machinery, {
    host,
    kind: 'remains',
    nameOf: ({ name }) => [name],
    look({ name }) {
      const found = state.remains.get(name);
      return found === undefined ? { state: 'absent' } : { state: 'present', facts: { was: found.was, bytes: found.bytes } };
    },
    make: () => undefined,
    unmake({ name }) {
      const found = state.remains.get(name);
      if (found === undefined) return;
      const [stretch] = found.dirty;
      if (stretch !== undefined) throw new DriverError('refused', `${name} is not zeros at ${stretch[0]}`);
      commit({ change: 'remains-unmade', name });
    },
    list: () => [...state.remains.keys()],
  });
  return {
    look,
    unmake,
    list,
    async zero({ name, offset, length }) {
      const { commands } = await machinery.perform({
        host,
        verb: 'remains.zero',
        subject: [name, String(offset), String(length)],
        act() {
          if (state.remains.has(name)) commit({ change: 'remains-zeroed', name, offset, length });
        },
      });
      return commands;
    },
  };
}
