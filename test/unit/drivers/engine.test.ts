import { describe, expect, it } from 'vitest';
import { DriverError, type DriverErrorKind } from '../../../src/drivers/driver-error.ts';
import { type EngineContext, ensureAbsent, ensurePresent, findPresent, repeatUntilDone } from '../../../src/drivers/engine.ts';
import type { CommandRecord, Look, Thing } from '../../../src/drivers/thing.ts';

type Facts = { readonly path: string };
const present: Look<Facts> = { state: 'present', facts: { path: '/dev/it' } };
const absent: Look<Facts> = { state: 'absent' };
const partial: Look<Facts> = { state: 'partial', missing: 'its ACL' };
const different: Look<Facts> = { state: 'different', difference: 'it is 2 GiB' };
const unknown: Look<Facts> = { state: 'unknown', reason: 'no route to host' };

function command(what: string): CommandRecord {
  return { host: 'h', argv: [what], startedAtMs: 0, durationMs: 0, outputTail: '' };
}

/** Looks, the last of which is found for ever; and what becomes of each make and unmake, the last for ever. */
function scripted(script: {
  readonly looks: readonly Look<Facts>[];
  /** What a make or unmake that looks itself has seen; without it, none does. */
  readonly seen?: Look<Facts>;
  readonly makes?: readonly ('ok' | DriverErrorKind)[];
  readonly unmakes?: readonly ('ok' | DriverErrorKind)[];
}) {
  const done: string[] = [];
  const slept: number[] = [];
  const recorded: string[] = [];
  const taken = { look: 0, make: 0, unmake: 0 };
  const next = <Item>(verb: keyof typeof taken, items: readonly Item[], otherwise: Item): Item => {
    const item = items[Math.min(taken[verb], items.length - 1)] ?? otherwise;
    taken[verb] += 1;
    done.push(verb);
    return item;
  };
  const change = async (verb: 'make' | 'unmake'): Promise<readonly CommandRecord[]> => {
    const outcome = next(verb, (verb === 'make' ? script.makes : script.unmakes) ?? [], 'ok');
    if (outcome !== 'ok') {
      throw new DriverError(outcome, `${verb} ${outcome}`, { commands: [command(`${verb} ${outcome}`)] });
    }
    return [command(verb)];
  };
  const thing: Thing<string, Facts> = {
    look: async () => ({ value: next('look', script.looks, absent), commands: [command('look')] }),
    make: () => change('make'),
    unmake: () => change('unmake'),
    list: async () => ({ value: [], commands: [] }),
    ...(script.seen && {
      makeAndLook: async () => ({ value: script.seen ?? absent, commands: await change('make') }),
      unmakeAndLook: async () => ({ value: script.seen ?? absent, commands: await change('unmake') }),
    }),
  };
  const context: EngineContext = {
    record: (commands) => void recorded.push(...commands.map(({ argv }) => argv.join())),
    sleep: async (milliseconds) => void slept.push(milliseconds),
    attempts: 3,
    backoffMs: 200,
    settleMs: 100,
  };
  return { thing, context, done, slept, recorded };
}

const failure = (kind: DriverErrorKind, text: string) =>
  expect.objectContaining({ name: 'DriverError', kind, message: expect.stringContaining(text) });

describe('ensurePresent', () => {
  it('asks for what is wanted and answers what it then sees, without a look of its own before', async () => {
    const { thing, context, done, recorded } = scripted({ looks: [present] });
    expect(await ensurePresent(thing, '', context)).toEqual({ path: '/dev/it' });
    expect(done).toEqual(['make', 'look']);
    expect(recorded).toEqual(['make', 'look']);
  });

  it('looks itself only if what was seen along with the make is not what is wanted', async () => {
    const seen = scripted({ looks: [present], seen: present });
    expect(await ensurePresent(seen.thing, '', seen.context)).toEqual({ path: '/dev/it' });
    expect(seen.recorded).toEqual(['make']);
    for (const early of [absent, partial, different, unknown]) {
      const { thing, context, done } = scripted({ looks: [present], seen: early });
      expect(await ensurePresent(thing, '', context)).toEqual({ path: '/dev/it' });
      expect(done).toEqual(['make', 'look']);
    }
  });

  it('leaves it to make to take away what is half made', async () => {
    const { thing, context, done } = scripted({ looks: [partial, present] });
    await ensurePresent(thing, '', { ...context, settleMs: 0 });
    expect(done).toEqual(['make', 'look', 'make', 'look']);
  });

  it('tells what stands in the place of the thing, and asks no second time', async () => {
    const { thing, context, done } = scripted({ looks: [different], makes: ['conflict'] });
    await expect(ensurePresent(thing, '', context)).rejects.toEqual(failure('conflict', 'it is 2 GiB'));
    expect(done).toEqual(['make', 'look']);
  });

  it.each([1, 3])('calls it a conflict when what it made turns out different, with %d attempts', async (attempts) => {
    for (const kind of ['ok', 'unknown', 'refused'] as const) {
      const { thing, context, done } = scripted({ looks: [different], makes: [kind] });
      await expect(ensurePresent(thing, '', { ...context, attempts })).rejects.toEqual(failure('conflict', 'it is 2 GiB'));
      expect(done).toEqual(['make', 'look']);
    }
  });

  it('believes its eyes when the tool fails and the thing is there', async () => {
    for (const kind of ['refused', 'unknown', 'unavailable', 'conflict'] as const) {
      const { thing, context, recorded } = scripted({ looks: [present], makes: [kind] });
      expect(await ensurePresent(thing, '', context)).toEqual({ path: '/dev/it' });
      expect(recorded).toEqual([`make ${kind}`, 'look']);
    }
  });

  it('gives up at once when the tool refuses', async () => {
    const { thing, context, done, slept } = scripted({ looks: [absent], makes: ['refused'] });
    await expect(ensurePresent(thing, '', context)).rejects.toEqual(failure('refused', 'make refused'));
    expect(done).toEqual(['make', 'look']);
    expect(slept).toEqual([]);
  });

  it('tries again after a time-out, waiting twice as long each time, and then gives up', async () => {
    const { thing, context, done, slept } = scripted({ looks: [absent], makes: ['unknown'] });
    await expect(ensurePresent(thing, '', context)).rejects.toEqual(failure('unknown', 'make unknown'));
    expect(done.filter((verb) => verb === 'make')).toHaveLength(3);
    expect(slept).toEqual([200, 400]);
  });

  it('catches a tool that claims success without effect', async () => {
    const { thing, context, done } = scripted({ looks: [absent] });
    await expect(ensurePresent(thing, '', context)).rejects.toEqual(
      failure('refused', 'the command claimed success, and the thing is not there'),
    );
    expect(done.filter((verb) => verb === 'make')).toHaveLength(3);
  });

  it('waits for an effect that takes a moment to show', async () => {
    const { thing, context, done, slept } = scripted({ looks: [absent, partial, present] });
    await ensurePresent(thing, '', context);
    expect(done.filter((verb) => verb === 'make')).toHaveLength(1);
    expect(slept).toEqual([50, 50]);
  });

  it('looks again when it cannot tell, and asks for nothing as long as it cannot', async () => {
    const seen = scripted({ looks: [unknown, unknown, present], makes: ['unknown'] });
    await ensurePresent(seen.thing, '', seen.context);
    expect(seen.done).toEqual(['make', 'look', 'look', 'look']);
    const blind = scripted({ looks: [unknown], makes: ['unknown'] });
    await expect(ensurePresent(blind.thing, '', blind.context)).rejects.toEqual(failure('unknown', 'no route to host'));
    expect(blind.done).toEqual(['make', 'look', 'look', 'look']);
  });

  it('lets a bug through as it is', async () => {
    const { thing, context } = scripted({ looks: [absent] });
    const bug = new TypeError('a bug');
    await expect(ensurePresent({ ...thing, make: async () => Promise.reject(bug) }, '', context)).rejects.toBe(bug);
  });
});

describe('ensureAbsent', () => {
  it('asks that the thing go and answers what it then sees, without a look of its own before', async () => {
    const { thing, context, done, recorded } = scripted({ looks: [absent] });
    expect(await ensureAbsent(thing, '', context)).toEqual({ state: 'absent' });
    expect(done).toEqual(['unmake', 'look']);
    expect(recorded).toEqual(['unmake', 'look']);
  });

  it('looks itself only if what was seen along with the unmake is not that it is gone', async () => {
    const seen = scripted({ looks: [present], seen: absent });
    expect(await ensureAbsent(seen.thing, '', seen.context)).toEqual({ state: 'absent' });
    expect(seen.recorded).toEqual(['unmake']);
    for (const early of [present, partial, unknown]) {
      const { thing, context, done } = scripted({ looks: [absent], seen: early });
      expect(await ensureAbsent(thing, '', context)).toEqual({ state: 'absent' });
      expect(done).toEqual(['unmake', 'look']);
    }
  });

  it('answers what is different, which unmake leaves alone, and asks no second time', async () => {
    const { thing, context, done } = scripted({ looks: [different], unmakes: ['conflict'] });
    expect(await ensureAbsent(thing, '', context)).toMatchObject({ state: 'different', difference: expect.any(String) });
    expect(done).toEqual(['unmake', 'look', 'look']);
    const shown = scripted({ looks: [different], seen: different });
    expect(await ensureAbsent(shown.thing, '', shown.context)).toEqual(different);
    expect(shown.done).toEqual(['unmake', 'look']);
  });

  it('does not leave what is its own on the word of one look that the next one contradicts', async () => {
    const erred = scripted({ looks: [present, different, present, absent] });
    expect(await ensureAbsent(erred.thing, '', erred.context)).toEqual({ state: 'absent' });
    expect(erred.done).toEqual(['unmake', 'look', 'look', 'look', 'unmake', 'look']);
    const wavering = scripted({ looks: [different, present, different, present, different, present] });
    await expect(ensureAbsent(wavering.thing, '', wavering.context)).rejects.toEqual(failure('unknown', 'the next one does not'));
  });

  it('believes its eyes when the tool fails and the thing is gone', async () => {
    for (const kind of ['refused', 'unknown', 'unavailable', 'conflict'] as const) {
      const { thing, context, done } = scripted({ looks: [absent], unmakes: [kind] });
      expect(await ensureAbsent(thing, '', context)).toEqual({ state: 'absent' });
      expect(done).toEqual(['unmake', 'look']);
    }
  });

  it('gives up when the tool refuses, tries again after a time-out, and catches a lie', async () => {
    const refusing = scripted({ looks: [present], unmakes: ['refused'] });
    await expect(ensureAbsent(refusing.thing, '', refusing.context)).rejects.toEqual(failure('refused', 'unmake refused'));
    const slow = scripted({ looks: [present, absent], unmakes: ['unknown'] });
    expect(await ensureAbsent(slow.thing, '', slow.context)).toEqual({ state: 'absent' });
    const lying = scripted({ looks: [present] });
    await expect(ensureAbsent(lying.thing, '', lying.context)).rejects.toEqual(failure('refused', 'and the thing is still there'));
    const halfWay = scripted({ looks: [partial] });
    await expect(ensureAbsent(halfWay.thing, '', halfWay.context)).rejects.toEqual(failure('refused', '(half made: its ACL)'));
  });

  it('says nothing of a thing that it cannot see', async () => {
    const { thing, context, done } = scripted({ looks: [unknown] });
    await expect(ensureAbsent(thing, '', context)).rejects.toEqual(failure('unknown', 'no route to host'));
    expect(done.filter((verb) => verb === 'unmake')).toHaveLength(1);
  });
});

describe('findPresent', () => {
  it('answers the facts and changes nothing', async () => {
    const { thing, context } = scripted({ looks: [present] });
    expect(await findPresent(thing, '', context)).toEqual({ path: '/dev/it' });
  });

  it.each([
    [absent, 'refused', 'is absent'],
    [partial, 'refused', 'is partial (half made: its ACL)'],
    [different, 'conflict', 'is different (found: it is 2 GiB)'],
    [unknown, 'unknown', 'no route to host'],
  ] as const)('refuses what is %o', async (look, kind, text) => {
    const { thing, context, done } = scripted({ looks: [look] });
    await expect(findPresent(thing, '', context)).rejects.toEqual(failure(kind, text));
    expect(new Set(done)).toEqual(new Set(['look']));
  });
});

describe('repeatUntilDone', () => {
  const { context } = scripted({ looks: [] });

  it('repeats what may do better, as often as it is allowed', async () => {
    let calls = 0;
    const failingUntil = (call: number) => async (): Promise<readonly CommandRecord[]> => {
      calls += 1;
      if (calls < call) {
        throw new DriverError('unknown', 'not yet');
      }
      return [];
    };
    await repeatUntilDone(failingUntil(3), context);
    expect(calls).toBe(3);
    calls = 0;
    await expect(repeatUntilDone(failingUntil(4), context)).rejects.toEqual(failure('unknown', 'not yet'));
    expect(calls).toBe(3);
  });

  it('gives up at once on what is refused, and on a bug', async () => {
    let calls = 0;
    const failing = (error: Error) => async (): Promise<readonly CommandRecord[]> => {
      calls += 1;
      throw error;
    };
    await expect(repeatUntilDone(failing(new DriverError('refused', 'no')), context)).rejects.toEqual(failure('refused', 'no'));
    await expect(repeatUntilDone(failing(new TypeError('a bug')), context)).rejects.toBeInstanceOf(TypeError);
    expect(calls).toBe(2);
  });
});

describe('a thing that somebody else has open', () => {
  const refusal = (isBusy: boolean, durationMs = 100) =>
    new DriverError('refused', 'vbs/it is in use', { isBusy, commands: [{ ...command('unmake'), durationMs }] });
  /** Refuses so often, and then does it. */
  const opened = (times: number, error: DriverError) => {
    let tries = 0;
    const slept: number[] = [];
    const thing: Pick<Thing<string, Facts>, 'look' | 'unmake'> = {
      look: async () => ({ value: tries > times ? absent : present, commands: [] }),
      unmake: async () => {
        tries += 1;
        if (tries <= times) throw error;
        return [];
      },
    };
    const context: EngineContext = {
      record: () => undefined,
      sleep: async (milliseconds) => void slept.push(milliseconds),
      attempts: 3,
      backoffMs: 200,
      settleMs: 100,
    };
    return { thing, context, slept, tries: () => tries };
  };
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

  it('is taken away once they have let go, which may take some seconds', async () => {
    const { thing, context, slept } = opened(12, refusal(true));
    expect(await ensureAbsent(thing, 'it', context)).toEqual({ state: 'absent' });
    expect(sum(slept)).toBeGreaterThan(2_000);
  });

  it('is refused when they stay, in the words of the tool, after ten seconds', async () => {
    const { thing, context, slept, tries } = opened(1_000, refusal(true));
    await expect(ensureAbsent(thing, 'it', context)).rejects.toMatchObject({
      kind: 'refused',
      message: 'vbs/it is in use',
      retryable: false,
    });
    const took = sum(slept) + tries() * 100;
    expect(took).toBeGreaterThan(9_000);
    expect(took).toBeLessThan(11_000);
  });

  it('is refused at once when something else is wrong, or when the tool itself has waited so long', async () => {
    for (const error of [refusal(false), refusal(true, 10_000)]) {
      const { thing, context, tries } = opened(1_000, error);
      await expect(ensureAbsent(thing, 'it', context)).rejects.toMatchObject({ kind: 'refused' });
      expect(tries()).toBe(1);
    }
  });

  it('is waited for by a copy and a growth too', async () => {
    let tries = 0;
    const { context } = opened(0, refusal(true));
    await repeatUntilDone(async () => {
      tries += 1;
      if (tries < 8) throw refusal(true);
      return [];
    }, context);
    expect(tries).toBe(8);
  });
});
