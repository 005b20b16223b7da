import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ActionName } from '../../../src/ec2-query-api/actions/action.ts';
import { actions } from '../../../src/ec2-query-api/actions/table.ts';
import { operations, requestStructures } from '../../../src/ec2-query-api/api-model/operations.ts';
import type { WireType } from '../../../src/ec2-query-api/api-model/schema.ts';
import { caller, onVmm1, onVmm2, zone } from '../../support/saga-rig.ts';
import { type ApiRig, type Params, startApiRig } from './support/api-rig.ts';
import { errorOf } from './support/fake-service.ts';

let api: ApiRig;
beforeAll(async () => {
  api = await startApiRig();
});
afterAll(() => api.close());

const names = Object.keys(actions) as ActionName[];
/** Stand for what there is when the request is sent. */
const aVolume = '{volume}';
const aSnapshot = '{snapshot}';

const likelyText = fc.constantFrom(
  ...[aVolume, aSnapshot, onVmm1, onVmm2, '/dev/sdf', '/dev/sdg', zone, 'here-1', 'gp3', 'io2', 'all', 'self', 'add', 'remove', 'volume'],
  ...[
    'snapshot',
    'Name',
    'tag:Name',
    'volume-id',
    'status',
    'available',
    '*',
    'createVolumePermission',
    'autoEnableIO',
    'blockDeviceMapping',
  ],
);
const anyText = fc.oneof({ weight: 4, arbitrary: likelyText }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) });

/** The parameters that a member may have, written as the wire writes them; now and then of the wrong type. */
function parametersOf(name: string, type: WireType, depth = 0): fc.Arbitrary<Params> {
  const lone = (value: fc.Arbitrary<string>) => value.map((text): Params => ({ [name]: text }));
  switch (type.kind) {
    case 'string':
      return lone(anyText);
    case 'number':
      return lone(fc.oneof(fc.integer({ min: 0, max: 6 }).map(String), fc.integer().map(String), anyText));
    case 'boolean':
      return lone(fc.oneof(fc.boolean().map(String), anyText));
    case 'timestamp':
      return lone(anyText);
    case 'list':
      return fc
        .array(fc.constant(null), { minLength: 1, maxLength: 3 })
        .chain((items) => fc.tuple(...items.map((_, index) => parametersOf(`${name}.${index + 1}`, type.item, depth + 1))))
        .map((all) => Object.assign({}, ...all) as Params);
    case 'structure':
      return depth > 4 ? fc.constant({}) : structureOf(type.structure, `${name}.`, depth + 1);
  }
}

function structureOf(structure: string, prefix: string, depth: number): fc.Arbitrary<Params> {
  const members = requestStructures[structure] ?? [];
  const each = members.map(({ wireName, type, required }) => {
    const given = parametersOf(`${prefix}${wireName}`, type, depth);
    return required
      ? fc.oneof({ weight: 9, arbitrary: given }, { weight: 1, arbitrary: fc.constant({}) })
      : fc.oneof(given, fc.constant({}), fc.constant({}));
  });
  return fc.tuple(...each).map((all) => Object.assign({}, ...all) as Params);
}

const request = fc
  .constantFrom(...names)
  .chain((name) => structureOf(operations[name].request, '', 0).map((params): Params => ({ ...params, Action: name })));

async function filled(params: Params): Promise<Params> {
  const [volume] = (await api.service.blockstore.volumes.list(caller)).slice(-1);
  const [snapshot] = (await api.service.blockstore.snapshots.list(caller)).slice(-1);
  const fill = (text: string) => text.replace(aVolume, volume?.id ?? 'vol-00000000').replace(aSnapshot, snapshot?.id ?? 'snap-00000000');
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, fill(value)]));
}

test('whatever members a request has, it is answered or refused with an EC2 error, and never breaks the service', {
  timeout: 300_000,
}, async () => {
  const answers = { done: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(request, fc.boolean(), async (params, settles) => {
      const answer = await api.call(await filled(params));
      if (answer.status === 200) {
        answers.done += 1;
      } else {
        answers.refused += 1;
        const { code, status } = errorOf(answer);
        expect({ code, status }).not.toMatchObject({ status: 500 });
        expect(code).toMatch(/^[A-Z][A-Za-z.]+$/);
      }
      if (settles) await api.settle();
    }),
    { numRuns: 1_500 },
  );
  // Otherwise the requests would be too wild to reach the use cases.
  expect(answers.done).toBeGreaterThan(50);
  expect(answers.refused).toBeGreaterThan(50);
  await api.settle();
  expect(await api.service.store.operations({ states: ['running', 'undoing', 'stuck'], limit: 10 })).toEqual([]);
});
