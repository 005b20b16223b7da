import { describe, expect, it } from 'vitest';
import type { CommandRecord, Look, Thing } from '../../src/drivers/thing.ts';

/** One thing of one backend, on hosts where nothing of that name exists. Functions, since a backend is up only once the tests run. */
export interface ThingCase<Spec, Facts> {
  thing(): Thing<Spec, Facts>;
  spec(): Spec;
  /** The name that `list` shows it under. */
  listedName(): string;
  checkFacts(facts: Facts, spec: Spec): void | Promise<void>;
  /** Each puts the host into a state that `look` has to call by that name, and gives what undoes it when the driver rightly does not. */
  readonly partial?: Readonly<Record<string, (spec: Spec) => Promise<void>>>;
  readonly different?: Readonly<Record<string, (spec: Spec) => Promise<() => Promise<void>>>>;
  /** What must never show in a record. */
  readonly secrets?: (spec: Spec) => readonly string[];
}

/** The contract of a thing, against a real backend: any thing of any backend has to pass it as it is. */
export function describeThing<Spec, Facts>(title: string, given: ThingCase<Spec, Facts>): void {
  const stateOf = async (): Promise<Look<Facts>['state']> => (await given.thing().look(given.spec())).value.state;
  const listed = async (): Promise<readonly string[]> => (await given.thing().list()).value.map(({ name }) => name).sort();
  const checkRecords = (records: readonly CommandRecord[]): void => {
    for (const secret of given.secrets?.(given.spec()) ?? []) expect(JSON.stringify(records)).not.toContain(secret);
  };

  describe(title, () => {
    it('is made, found, listed and removed, and leaves nothing; every verb may be repeated', async () => {
      const thing = given.thing();
      const spec = given.spec();
      const before = await listed();
      expect(before).not.toContain(given.listedName());
      expect(await stateOf()).toBe('absent');

      checkRecords(await thing.unmake(spec));
      expect(await stateOf()).toBe('absent');

      const made = await thing.make(spec);
      checkRecords(made);
      expect(made.length).toBeGreaterThan(0);
      const found = await thing.look(spec);
      checkRecords(found.commands);
      if (found.value.state !== 'present') throw new Error(`it was made and is ${JSON.stringify(found.value)}`);
      await given.checkFacts(found.value.facts, spec);

      checkRecords(await thing.make(spec));
      expect((await thing.look(spec)).value).toEqual(found.value);
      if (thing.makeAndLook !== undefined) {
        // What it saw on the way is what whoever looks sees.
        await thing.unmake(spec);
        const seen = await thing.makeAndLook(spec);
        checkRecords(seen.commands);
        expect((await thing.look(spec)).value.state).toBe('present');
        expect(seen.value.state).toBe('present');
        expect((await thing.makeAndLook(spec)).value.state).toBe('present');
      }
      if (thing.unmakeAndLook !== undefined) {
        const seen = await thing.unmakeAndLook(spec);
        checkRecords(seen.commands);
        expect(seen.value.state).toBe('absent');
        expect(await stateOf()).toBe('absent');
        expect((await thing.unmakeAndLook(spec)).value.state).toBe('absent');
        await thing.make(spec);
      }
      expect(await listed()).toEqual([...before, given.listedName()].sort());

      checkRecords(await thing.unmake(spec));
      expect(await stateOf()).toBe('absent');
      checkRecords(await thing.unmake(spec));
      expect(await stateOf()).toBe('absent');
      expect(await listed()).toEqual(before);
    });

    it('comes out once when it is made twice at the same time', async () => {
      const before = await listed();
      await Promise.all([given.thing().make(given.spec()), given.thing().make(given.spec())]);
      expect(await stateOf()).toBe('present');
      await given.thing().unmake(given.spec());
      expect(await listed()).toEqual(before);
    });

    for (const [what, leave] of Object.entries(given.partial ?? {})) {
      it(`is called half made, and can be removed or made whole, after ${what}`, async () => {
        const before = await listed();
        await leave(given.spec());
        expect(await stateOf()).toBe('partial');
        expect(await listed()).toContain(given.listedName());
        await given.thing().unmake(given.spec());
        expect(await stateOf()).toBe('absent');
        expect(await listed()).toEqual(before);

        await leave(given.spec());
        await given.thing().make(given.spec());
        expect(await stateOf()).toBe('present');
        await given.thing().unmake(given.spec());
        expect(await listed()).toEqual(before);
      });
    }

    for (const [what, arrange] of Object.entries(given.different ?? {})) {
      it(`is never overwritten or removed when there is ${what}`, async () => {
        const undo = await arrange(given.spec());
        try {
          const found = (await given.thing().look(given.spec())).value;
          expect(found.state).toBe('different');
          await expect(given.thing().make(given.spec())).rejects.toMatchObject({ name: 'DriverError', kind: 'conflict' });
          await expect(given.thing().unmake(given.spec())).rejects.toMatchObject({ name: 'DriverError', kind: 'conflict' });
          expect((await given.thing().look(given.spec())).value).toEqual(found);
        } finally {
          await undo();
        }
        expect(await stateOf()).toBe('absent');
      });
    }
  });
}
