import { expect, it } from 'vitest';
import { tortureRandomOperations } from '../torture/random-operations.ts';

/** The whole torture, and with other seeds, is `npm run test:torture`; crash points are in crashes.test.ts. */
const seed = 6;

it(`keeps every promise in 500 random operations of 16 clients, under faults, crashes and reboots (seed ${seed})`, {
  timeout: 600_000,
}, async () => {
  const { figures, problems } = await tortureRandomOperations({ seed, operations: 500, clients: 16 });
  expect(problems).toEqual([]);
  expect(figures).toMatchObject({
    'operations open in the end': 0,
    'volumes and snapshots in a wrong state': 0,
    'leftovers in the inventory': 0,
    'foreign bytes read': 0,
    'occurrences of secrets': 0,
  });
  // Otherwise the run proves little.
  expect(figures.accepted).toBeGreaterThan(200);
  expect(figures['crashes and restarts']).toBeGreaterThan(3);
  expect(figures['reads by VMs']).toBeGreaterThan(20);
});
