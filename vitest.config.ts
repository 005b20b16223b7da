import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Of the tests of security, those that start processes. */
const withProcesses = ['test/security/{file-modes,bounded-readers}.test.ts', 'test/security/parsers/{forged-tgt-listing,scripts}.test.ts'];
/** Those that measure how long somebody has to wait, with as little beside as can be. */
const measured = ['test/security/{attacks,event-loop}.test.ts'];

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
        test: {
          name: 'alone',
          include: ['test/{unit,saga,security}/**/*.test.ts'],
          exclude: [...withProcesses, ...measured],
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'with real tools',
          include: ['test/{contract,conformance,integration}/**/*.test.ts', ...withProcesses],
          testTimeout: 300_000,
          // They wait for processes and VMs half of their time.
          maxWorkers: availableParallelism() + 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: { name: 'measured', include: measured, testTimeout: 300_000, maxWorkers: 1, sequence: { groupOrder: 3 } },
      },
    ],
  },
});
