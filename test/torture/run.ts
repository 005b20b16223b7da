import { parseArgs } from 'node:util';
import { tortureCrashPoints } from './crash-points.ts';
import { tortureParallelAttaches } from './parallel-attaches.ts';
import { tortureRandomOperations } from './random-operations.ts';
import type { TortureReport } from './torture-report.ts';

const usage = `npm run test:torture -- [--seed N] [--operations N] [--clients N] [--world simulated | embedded]

Breaks the service on purpose and holds it to its promises (docs/reliability.md).
  --seed N        decides every choice; without it, one is drawn and told
  --operations N  how many random requests there are (10000)
  --clients N     how many clients make them at the same time (16)
  --world NAME    simulated: random requests under faults and crashes, crash points, parallel attaches (the default)
                  embedded:  crash points with a real tgtd and a real VM, and what a volume's next owner reads
Ends with 0 when every promise was kept, with 1 when one was broken, with 2 for wrong usage.`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    console.error(usage);
    return 2;
  }
  const { seed, operations, clients, world } = options;
  console.log(`seed ${seed}, world ${world}, Node.js ${process.version}`);
  const parts: readonly (readonly [name: string, run: () => Promise<TortureReport>])[] =
    world === 'embedded'
      ? await embeddedParts()
      : [
          ['crash before and after each journal write', tortureCrashPoints],
          ['parallel attaches of one volume', tortureParallelAttaches],
          [
            'random operations',
            () =>
              tortureRandomOperations({ seed, operations, clients, onProgress: (count) => console.error(`  ${count} of ${operations}`) }),
          ],
        ];
  let broken = 0;
  for (const [name, run] of parts) {
    broken += await report(name, run);
  }
  console.log(broken === 0 ? `\nevery promise was kept (seed ${seed})` : `\n${broken} promises were broken (seed ${seed})`);
  return broken === 0 ? 0 : 1;
}

async function report(name: string, run: () => Promise<TortureReport>): Promise<number> {
  console.log(`\n== ${name}`);
  const startedAtMs = Date.now();
  const { figures, problems } = await run();
  for (const [figure, value] of Object.entries({ ...figures, seconds: ((Date.now() - startedAtMs) / 1_000).toFixed(1) })) {
    console.log(`${figure}: ${value}`);
  }
  for (const problem of problems.slice(0, 50)) {
    console.log(`BROKEN: ${problem}`);
  }
  return problems.length;
}

/** Loaded only when they are asked for, since they need tools that the others do not. */
async function embeddedParts(): Promise<readonly (readonly [string, () => Promise<TortureReport>])[]> {
  const { tortureEmbeddedSite } = await import('./embedded-site.ts');
  return [['crash before and after each journal write, with a real tgtd and a real VM', () => tortureEmbeddedSite()]];
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: 'string' },
        operations: { type: 'string', default: '10000' },
        clients: { type: 'string', default: '16' },
        world: { type: 'string', default: 'simulated' },
        help: { type: 'boolean' },
      },
    });
    const numbers = [values.seed ?? String(Date.now() % 1_000_000), values.operations, values.clients].map((text) =>
      /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN,
    );
    const [seed = Number.NaN, operations = Number.NaN, clients = Number.NaN] = numbers;
    const isKnown = values.world === 'simulated' || values.world === 'embedded';
    const isUsable = isKnown && !numbers.some(Number.isNaN) && operations > 0 && clients > 0 && values.help !== true;
    return isUsable ? { seed, operations, clients, world: values.world } : undefined;
  } catch (cause) {
    console.error(String(cause));
    return undefined;
  }
}
