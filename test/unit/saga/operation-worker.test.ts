import { afterEach, describe, expect, it } from 'vitest';
import type { OperationId } from '../../../src/model/ids.ts';
import type { SagaDefinition } from '../../../src/saga/definition.ts';
import type { JournalEntry } from '../../../src/saga/journal.ts';
import type { Operation } from '../../../src/saga/operation.ts';
import { createOperationWorker, type OperationQueue, type OperationWorker } from '../../../src/saga/operation-worker.ts';
import { memoryJournal } from '../../support/memory-journal.ts';

const neverMs = 3_600_000;
const workers: OperationWorker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop(0)));
});

function operation(name: string, kind = 'wait'): Operation {
  return { id: name as OperationId, kind, version: 1, resourceId: name, input: name, state: 'running', generation: 1, createdAtMs: 0 };
}

/** A worker over one saga of one step, which ends when the test lets it. */
function workerOf(
  options: {
    readonly concurrency?: number;
    readonly pollEveryMs?: number;
    readonly queue?: Partial<OperationQueue>;
    readonly lateCommandMs?: number;
    readonly left?: readonly JournalEntry[];
  } = {},
) {
  const slept: number[] = [];
  const begun: string[] = [];
  const ended: string[] = [];
  const interrupted: string[] = [];
  const letGo = new Map<string, (failure?: Error) => void>();
  const definition: SagaDefinition = {
    kind: 'wait',
    version: 1,
    whenAStepFails: 'halt',
    steps: [{ name: 'only', isNeeded: () => true, do: async () => null, undo: async () => undefined }],
    ends: {
      done: (claim) =>
        new Promise((resolve, reject) => {
          begun.push(claim.operationId);
          letGo.set(claim.operationId, (failure) => (failure === undefined ? resolve() : reject(failure)));
        }),
      failed: async () => undefined,
    },
  };
  const worker = createOperationWorker({
    // Each operation has a journal of its own.
    journal: {
      ...memoryJournal(),
      entries: async () => options.left ?? [],
      intend: async () => 1,
      record: async () => undefined,
      recordAndIntend: async () => 2,
    },
    queue: { claimAbandoned: async () => [], renewLeases: async () => undefined, ...options.queue },
    definitions: [definition],
    owner: 'me',
    concurrency: options.concurrency ?? 2,
    placeOf: ({ accountId = '' }) => ({ group: accountId, lanes: [] }),
    isBlocked: () => false,
    pollEveryMs: options.pollEveryMs ?? neverMs,
    lateCommandMs: options.lateCommandMs ?? 0,
    sleep: async (milliseconds) => void slept.push(milliseconds),
    onResult: ({ id }) => void ended.push(id),
    onInterrupted: ({ id }) => void interrupted.push(id),
  });
  workers.push(worker);
  const end = (name: string, failure?: Error): void => letGo.get(name)?.(failure);
  return { worker, begun, ended, interrupted, end, slept };
}

describe('the operation worker', () => {
  it('runs so many operations at a time, the others in the order in which they came', async () => {
    const { worker, begun, ended, end } = workerOf({ concurrency: 2 });
    for (const name of ['one', 'two', 'three', 'four']) {
      worker.start(operation(name));
    }
    await expect.poll(() => begun).toEqual(['one', 'two']);
    end('two');
    await expect.poll(() => begun).toEqual(['one', 'two', 'three']);
    end('one');
    end('three');
    await expect.poll(() => begun).toHaveLength(4);
    const idle = worker.whenIdle();
    end('four');
    await idle;
    expect(ended).toEqual(['two', 'one', 'three', 'four']);
  });

  it('is idle when it has nothing to do', async () => {
    await workerOf().worker.whenIdle();
  });

  it('takes up at its start what it claimed', async () => {
    const requests: unknown[] = [];
    const claimAbandoned: OperationQueue['claimAbandoned'] = async (request) => {
      requests.push(request);
      return [operation('left')];
    };
    const { worker, begun, end } = workerOf({ queue: { claimAbandoned } });
    worker.begin(await worker.claimAbandoned());
    await expect.poll(() => begun).toEqual(['left']);
    end('left');
    await worker.whenIdle();
    expect(requests).toEqual([{ owner: 'me', kinds: [{ kind: 'wait', version: 1 }], afterRestart: true, dropped: [] }]);
  });

  it('takes up again at the next poll what was interrupted, and asks for it only once', async () => {
    const dropped: (readonly string[])[] = [];
    const claimAbandoned: OperationQueue['claimAbandoned'] = async (request) => {
      dropped.push(request.dropped);
      return request.dropped.map((id) => operation(id));
    };
    const { worker, begun, ended, interrupted, end } = workerOf({ pollEveryMs: 5, queue: { claimAbandoned } });
    worker.begin([operation('one')]);
    await expect.poll(() => begun).toEqual(['one']);
    end('one', new Error('the disk is full'));
    await expect.poll(() => begun).toEqual(['one', 'one']);
    end('one');
    await expect.poll(() => ended).toEqual(['one']);
    expect(interrupted).toEqual(['one']);
    expect(dropped.filter((ids) => ids.length > 0)).toEqual([['one']]);
  });

  it.each([
    { name: 'a step in doubt', outcome: 'intended', generation: 2, waits: [5_000] },
    { name: 'no step in doubt', outcome: 'done', generation: 2, waits: [] },
    { name: 'a step of its own', outcome: 'intended', generation: 1, waits: [] },
  ] as const)('gives the commands of a dead process time to end before it goes on with $name', async ({ outcome, generation, waits }) => {
    const left: JournalEntry = { sequence: 1, step: 'only', direction: 'do', outcome, commands: [], startedAtMs: 0 };
    const { worker, begun, end, slept } = workerOf({ lateCommandMs: 5_000, left: [left] });
    worker.begin([{ ...operation('one'), generation }]);
    await expect.poll(() => begun).toEqual(['one']);
    expect(slept).toEqual(waits);
    end('one');
    await worker.whenIdle();
  });

  it('keeps what was interrupted in mind while the store cannot be asked', async () => {
    let polls = 0;
    const claimAbandoned: OperationQueue['claimAbandoned'] = async ({ dropped }) => {
      polls += 1;
      if (polls < 5) {
        throw new Error('database is locked');
      }
      return dropped.map((id) => operation(id));
    };
    const { worker, begun, end } = workerOf({ pollEveryMs: 5, queue: { claimAbandoned } });
    worker.begin([operation('one')]);
    await expect.poll(() => begun).toHaveLength(1);
    end('one', new Error('the disk is full'));
    await expect.poll(() => begun).toEqual(['one', 'one']);
    end('one');
    await worker.whenIdle();
  });

  it('renews its leases at every poll', async () => {
    const renewed: string[] = [];
    const { worker } = workerOf({ pollEveryMs: 5, queue: { renewLeases: async (owner) => void renewed.push(owner) } });
    worker.begin([]);
    await expect.poll(() => renewed.length).toBeGreaterThan(2);
    expect(new Set(renewed)).toEqual(new Set(['me']));
  });

  it('leaves alone an operation of a saga that it does not know', async () => {
    const { worker, interrupted } = workerOf();
    worker.start(operation('one', 'of another version'));
    await worker.whenIdle();
    expect(interrupted).toEqual(['one']);
  });

  it('begins nothing new when it is stopped, and waits for what runs', async () => {
    const { worker, begun, ended, end } = workerOf({ concurrency: 1 });
    worker.start(operation('one'));
    worker.start(operation('two'));
    await expect.poll(() => begun).toEqual(['one']);
    const stopped = worker.stop(neverMs);
    end('one');
    await stopped;
    worker.start(operation('three'));
    await worker.whenIdle();
    expect(ended).toEqual(['one']);
    expect(begun).toEqual(['one']);
  });

  it('waits no longer than it is told when it is stopped', async () => {
    const { worker, begun, ended } = workerOf();
    worker.start(operation('one'));
    await expect.poll(() => begun).toEqual(['one']);
    await worker.stop(1);
    expect(ended).toEqual([]);
  });
});
