import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Long enough for a busy machine; what may take long is polled for with a limit of its own.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
