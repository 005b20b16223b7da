/** Does something from time to time until it is stopped; one that takes longer than the time between two is not overtaken. `act` must not throw. Keeps no process from ending. */
export function repeatedly(act: () => Promise<void>, everyMs: number): { stop(): Promise<void> } {
  let underWay: Promise<void> | undefined;
  const timer = setInterval(() => {
    underWay ??= act().finally(() => {
      underWay = undefined;
    });
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await underWay;
    },
  };
}
