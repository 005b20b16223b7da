import { setTimeout as delay } from 'node:timers/promises';

const everyMs = 50;
const withinMs = 120_000;

/** Looks until the condition holds. */
export async function poll<Value>(look: () => Promise<Value>, isWanted: (value: Value) => boolean): Promise<Value> {
  const deadlineMs = Date.now() + withinMs;
  let value = await look();
  while (!isWanted(value)) {
    if (Date.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${JSON.stringify(value)}`);
    await delay(everyMs);
    value = await look();
  }
  return value;
}
