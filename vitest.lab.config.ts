import { defineConfig } from 'vitest/config';

/** The tests with the lab: one file after the other, since each boots machines of its own, and with time for the first run, which builds their image. */
export default defineConfig({
  test: {
    include: ['test/lab/**/*.lab.ts'],
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 1_800_000,
    teardownTimeout: 60_000,
  },
});
