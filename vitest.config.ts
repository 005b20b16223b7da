import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Time limits only end what hangs: a busy machine may stand still for many seconds. What starts processes and VMs runs after all else.
export default defineConfig({
  test: {
    hookTimeout: 300_000,
    // All processors: one less, as is Vitest's own choice, would be one of two.
    maxWorkers: '100%',
    expect: { poll: { timeout: 60_000 } },
    projects: [
      {
        extends: true,
        test: { name: 'alone', include: ['test/{unit,saga,security}/**/*.test.ts'], testTimeout: 60_000, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: {
          name: 'with real tools',
          include: ['test/{contract,conformance,integration,security}/**/*.test.ts'],
          testTimeout: 300_000,
          // They wait for processes and VMs half of their time.
          maxWorkers: availableParallelism() + 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
