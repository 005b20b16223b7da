import { describe, expect, expectTypeOf, it } from 'vitest';
import { type SagaDefinition, saga } from '../../../src/saga/definition.ts';

const header = { kind: 'make-tea', version: 1, whenAStepFails: 'undo' } as const;

describe('the definition of a saga', () => {
  it('gives each step the input and the outputs of the steps before it, with their types', () => {
    const definition = saga<{ readonly cups: number }>(header)
      .step('water', {
        async do({ input }) {
          expectTypeOf(input).toEqualTypeOf<{ readonly cups: number }>();
          return { litres: input.cups / 4 };
        },
      })
      .step('tea', {
        async do({ water }) {
          expectTypeOf(water).toEqualTypeOf<{ litres: number }>();
          return water.litres > 1 ? 'pot' : 'cup';
        },
        async undo({ water }) {
          expectTypeOf(water.litres).toBeNumber();
        },
      })
      .ends({
        async done(_claim, { input, water, tea }) {
          expectTypeOf(input.cups).toBeNumber();
          expectTypeOf(water).toEqualTypeOf<{ litres: number }>();
          expectTypeOf(tea).toEqualTypeOf<'pot' | 'cup'>();
        },
        async failed(_claim, input, failure) {
          expectTypeOf(input.cups).toBeNumber();
          expectTypeOf(failure.state).toEqualTypeOf<'undone' | 'halted' | 'stuck'>();
        },
      });
    expectTypeOf(definition).toEqualTypeOf<SagaDefinition>();
    expect(definition.steps.map(({ name }) => name)).toEqual(['water', 'tea']);
  });

  it('does not compile when a step uses the output of a later one', () => {
    saga<{ readonly cups: number }>(header).step('water', {
      // @ts-expect-error The tea comes after the water.
      async do({ tea }) {
        return tea as null;
      },
    });
    saga<{ readonly cups: number }>(header).step('water', {
      async do() {
        return null;
      },
      // @ts-expect-error A step's own output is not known to its undo, which also runs when the step failed.
      async undo({ water }) {
        return water;
      },
    });
  });

  it('lets later steps know that a step which not every operation needs may not have been done', () => {
    const definition = saga<{ readonly cups: number }>(header)
      .stepIf('sugar', ({ cups }) => cups > 1, { do: async () => 'two spoons' as const })
      .step('tea', {
        async do({ sugar }) {
          expectTypeOf(sugar).toEqualTypeOf<'two spoons' | undefined>();
          return null;
        },
      })
      .ends({ done: async () => undefined, failed: async () => undefined });
    expect([{ cups: 1 }, { cups: 2 }].map((input) => definition.steps.map(({ isNeeded }) => isNeeded(input)))).toEqual([
      [false, true],
      [true, true],
    ]);
  });

  it('does not compile when a name is used twice, or is that of the input', () => {
    const begun = saga<null>(header).step('water', { do: async () => null });
    // @ts-expect-error There is a step of that name already.
    begun.step('water', { do: async () => null });
    // @ts-expect-error That is where the input stands.
    begun.step('input', { do: async () => null });
  });

  it('does not compile when an output would not survive the journal', () => {
    // @ts-expect-error A date comes back from JSON as a text.
    saga<null>(header).step('water', { do: async () => new Date() });
  });
});
