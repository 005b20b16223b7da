import { defineConfig } from 'vitest/config';

/** The tests with the lab, which all files share: one after the other, and with time for the first run, which builds its image. */
export default defineConfig({
  test: {
    include: ['test/lab/**/*.lab.ts'],
    globalSetup: 'test/lab/one-lab.ts',
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 1_800_000,
    teardownTimeout: 60_000,
  },
});
