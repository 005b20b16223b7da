import { describe, expect, it } from 'vitest';
import type { OperationId } from '../../../src/model/ids.ts';
import type { Json } from '../../../src/model/json.ts';
import type { SagaDefinition } from '../../../src/saga/definition.ts';
import { type Direction, type JournalEntry, LostClaim, type StepOutcome } from '../../../src/saga/journal.ts';
import type { Operation, OperationState } from '../../../src/saga/operation.ts';
import { runOperation } from '../../../src/saga/runner.ts';
import { memoryJournal } from '../../support/memory-journal.ts';

function operationIn(state: OperationState): Operation {
  const id = 'op-1' as OperationId;
  return { id, kind: 'test', version: 1, resourceId: 'r', input: { size: 1 }, state, generation: 3, createdAtMs: 0 };
}

interface Run {
  readonly definition: SagaDefinition;
  readonly done: string[];
}

/** A saga of some steps; those in `failing` (`do two`, `undo one`) throw. */
function sagaOf(
  names: readonly string[],
  { failing = [], whenAStepFails = 'undo' }: { failing?: readonly string[]; whenAStepFails?: 'undo' | 'halt' } = {},
): Run {
  const done: string[] = [];
  const act = async (what: string, known: object): Promise<void> => {
    done.push(`${what} knowing ${Object.keys(known).join(' ')}`);
    if (failing.includes(what)) {
      throw new Error(`${what} went wrong`);
    }
  };
  const definition: SagaDefinition = {
    kind: 'test',
    version: 1,
    whenAStepFails,
    steps: names.map((name) => ({
      name,
      isNeeded: (input) => !(input as { readonly without?: readonly string[] }).without?.includes(name),
      async do(known): Promise<Json> {
        await act(`do ${name}`, known);
        return `output of ${name}`;
      },
      undo: (known) => act(`undo ${name}`, known),
    })),
    ends: {
      async done(_claim, known) {
        done.push(`done with ${JSON.stringify(known)}`);
      },
      async failed(_claim, _input, { step, reason, state }) {
        done.push(`${state}: ${step}: ${reason}`);
      },
    },
  };
  return { definition, done };
}

function entry(direction: Direction, step: string, outcome: StepOutcome, rest: Partial<JournalEntry> = {}): JournalEntry {
  return { sequence: 0, step, direction, outcome, commands: [], startedAtMs: 0, ...rest };
}

const names = ['one', 'two', 'three'];

describe('the runner', () => {
  it('does the steps in their order, each with what those before it gave, and journals each before and after', async () => {
    const { definition, done } = sagaOf(['one', 'two']);
    const journal = memoryJournal();
    expect(await runOperation(definition, operationIn('running'), { journal })).toEqual({ outcome: 'done' });
    expect(done).toEqual([
      'do one knowing input',
      'do two knowing one input',
      'done with {"one":"output of one","two":"output of two","input":{"size":1}}',
    ]);
    expect(journal.written).toEqual(['do one', 'do one done', 'do two', 'do two done']);
  });

  it('passes over steps that the operation does not need, forwards, backwards and at the end', async () => {
    const without = (name: string) => ({ ...operationIn('running'), input: { without: [name] } });
    const forwards = sagaOf(names);
    const journal = memoryJournal();
    expect(await runOperation(forwards.definition, without('two'), { journal })).toEqual({ outcome: 'done' });
    expect(journal.written).toEqual(['do one', 'do one done', 'do three', 'do three done']);
    const backwards = sagaOf(names, { failing: ['do three'] });
    const undone = memoryJournal();
    await runOperation(backwards.definition, without('two'), { journal: undone });
    expect(undone.written.filter((line) => line.includes('undo') && line.includes('two'))).toEqual([]);
    expect(backwards.done.at(-1)).toBe('undone: three: do three went wrong');
    const last = sagaOf(names);
    await runOperation(last.definition, without('three'), { journal: memoryJournal() });
    expect(last.done.at(-1)).toMatch(/^done with .*output of two/);
  });

  it('undoes from the failed step on, backwards and the failed one too', async () => {
    const { definition, done } = sagaOf(names, { failing: ['do two'] });
    const journal = memoryJournal();
    expect(await runOperation(definition, operationIn('running'), { journal })).toEqual({
      outcome: 'failed',
      failure: { step: 'two', reason: 'do two went wrong' },
    });
    expect(done).toEqual([
      'do one knowing input',
      'do two knowing one input',
      'undo two knowing one input',
      'undo one knowing one input',
      'undone: two: do two went wrong',
    ]);
    expect(journal.written.slice(2)).toEqual([
      'do two',
      'do two failed',
      'turn back: two: do two went wrong',
      'undo two',
      'undo two done',
      'undo one',
      'undo one done',
    ]);
  });

  it('stops where it is when the saga goes forward only', async () => {
    const { definition, done } = sagaOf(names, { failing: ['do two'], whenAStepFails: 'halt' });
    const journal = memoryJournal();
    expect((await runOperation(definition, operationIn('running'), { journal })).outcome).toBe('failed');
    expect(done.at(-1)).toBe('halted: two: do two went wrong');
    expect(done.filter((what) => what.startsWith('undo'))).toEqual([]);
    expect(journal.written).not.toContain('turn back: two: do two went wrong');
  });

  it('stops undoing at the first undo that fails, and tells both failures', async () => {
    const { definition, done } = sagaOf(names, { failing: ['do three', 'undo two'] });
    expect(await runOperation(definition, operationIn('running'), { journal: memoryJournal() })).toEqual({
      outcome: 'stuck',
      failure: { step: 'three', reason: 'do three went wrong' },
      undoFailure: { step: 'two', reason: 'undo two went wrong' },
    });
    expect(done.at(-1)).toBe('stuck: two: undo two went wrong (while undoing, after the step three had failed: do three went wrong)');
    expect(done.join()).not.toContain('undo one');
  });

  it('goes on behind the steps that its journal says are done, and does one in doubt again', async () => {
    const { definition, done } = sagaOf(names);
    const journal = memoryJournal([entry('do', 'one', 'done', { output: 'kept' }), entry('do', 'two', 'intended')]);
    await runOperation(definition, operationIn('running'), { journal });
    expect(done).toEqual([
      'do two knowing one input',
      'do three knowing one two input',
      'done with {"one":"kept","two":"output of two","three":"output of three","input":{"size":1}}',
    ]);
  });

  it('tries a step again that failed just before a crash, and forgets that failure when it now works', async () => {
    const { definition, done } = sagaOf(names, { failing: ['do three'] });
    const journal = memoryJournal([entry('do', 'one', 'failed', { error: 'of yesterday' })]);
    const result = await runOperation(definition, operationIn('running'), { journal });
    expect(result).toMatchObject({ failure: { step: 'three' } });
    expect(done.filter((what) => what.startsWith('undo '))).toHaveLength(3);
  });

  it('goes on undoing where it was, by the last failure of its journal, and skips what is undone', async () => {
    const { definition, done } = sagaOf(names);
    const journal = memoryJournal([
      entry('do', 'one', 'failed', { error: 'of yesterday' }),
      entry('do', 'one', 'done', { output: 1 }),
      entry('do', 'two', 'done', { output: 2 }),
      entry('do', 'three', 'failed', { error: 'of today' }),
      entry('undo', 'three', 'done'),
      entry('undo', 'two', 'failed', { error: 'stuck' }),
    ]);
    const result = await runOperation(definition, operationIn('undoing'), { journal });
    expect(result).toEqual({ outcome: 'failed', failure: { step: 'three', reason: 'of today' } });
    expect(done).toEqual(['undo two knowing one two input', 'undo one knowing one two input', 'undone: three: of today']);
    expect(journal.written[0]).toBe('undo two');
  });

  it('refuses to call undone what it cannot undo: an unknown failed step, or none', async () => {
    for (const journal of [memoryJournal(), memoryJournal([entry('do', 'of another version', 'failed', { error: '' })])]) {
      const { definition, done } = sagaOf(names);
      await expect(runOperation(definition, operationIn('undoing'), { journal })).rejects.toThrow('op-1');
      expect(done).toEqual([]);
    }
  });

  it('does a step whose name is that of something every object has', async () => {
    const { definition, done } = sagaOf(['constructor', 'toString']);
    await runOperation(definition, operationIn('running'), { journal: memoryJournal() });
    expect(done).toHaveLength(3);
  });

  it.each(['intend', 'record', 'recordAndIntend', 'turnBack'] as const)(
    'undoes nothing and ends nothing when the journal has lost the claim at %s',
    async (write) => {
      const { definition, done } = sagaOf(names, { failing: ['do two'] });
      const lost = new LostClaim({ operationId: 'op-1' as OperationId, generation: 3 });
      const journal = { ...memoryJournal(), [write]: async () => Promise.reject(lost) };
      await expect(runOperation(definition, operationIn('running'), { journal })).rejects.toBe(lost);
      expect(done.filter((what) => !what.startsWith('do '))).toEqual([]);
    },
  );

  it('keeps the commands of a step that fails', async () => {
    const command = { host: 'h', argv: ['lvcreate'], startedAtMs: 0, durationMs: 1, outputTail: '' };
    const { definition } = sagaOf(['one']);
    const failing: SagaDefinition = {
      ...definition,
      steps: [
        {
          name: 'one',
          isNeeded: () => true,
          async do(_known, context) {
            context.record([command]);
            throw 'a text';
          },
          undo: async () => undefined,
        },
      ],
    };
    const journal = memoryJournal();
    await runOperation(failing, operationIn('running'), { journal });
    expect((await journal.entries('op-1' as OperationId))[0]).toMatchObject({ outcome: 'failed', error: 'a text', commands: [command] });
  });
});

it('asks for its end before the record of its last step is answered, so that they can share a commit', async () => {
  const { definition, done } = sagaOf(['one', 'two']);
  const journal = memoryJournal();
  let answer = (): void => undefined;
  const end = definition.ends.done;
  const asked: SagaDefinition = {
    ...definition,
    ends: {
      ...definition.ends,
      async done(...about) {
        await end(...about);
        answer();
      },
    },
  };
  // Answered by the end, or else never.
  const record: typeof journal.record = async (...about) => {
    await journal.record(...about);
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
  };
  expect(await runOperation(asked, operationIn('running'), { journal: { ...journal, record } })).toEqual({ outcome: 'done' });
  expect(done.at(-1)).toContain('done with');
});
