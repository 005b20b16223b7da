import { Counter, Gauge, Registry } from 'prom-client';
import type { Measurement } from './measurement.ts';

export interface PrometheusPage {
  readonly contentType: string;
  /** Reads every measurement; rejects when one cannot be read. */
  text(): Promise<string>;
}

/** Measurements in the text format of Prometheus. */
export function prometheusPage(measurements: readonly Measurement[]): PrometheusPage {
  const registry = new Registry();
  for (const { name, help, kind, labels, read } of measurements) {
    const description = { name, help, labelNames: [...labels], registers: [registry] };
    if (kind === 'gauge') {
      new Gauge({
        ...description,
        async collect() {
          const samples = await read();
          this.reset();
          for (const { labels, value } of samples) this.set({ ...labels }, value);
        },
      });
    } else {
      new Counter({
        ...description,
        async collect() {
          const samples = await read();
          // Whoever counts keeps the sum; here it is only shown.
          this.reset();
          for (const { labels, value } of samples) this.inc({ ...labels }, value);
        },
      });
    }
  }
  return { contentType: registry.contentType, text: () => registry.metrics() };
}
