import { describe, expect, test } from 'vitest';
import type { Action, ActionContext, ActionName } from '../../../../src/ec2-query-api/actions/action.ts';
import { refuseUnhonoured } from '../../../../src/ec2-query-api/actions/action.ts';
import { actions } from '../../../../src/ec2-query-api/actions/table.ts';
import { operations, type Requests, requestStructures } from '../../../../src/ec2-query-api/api-model/operations.ts';
import { accessKeyId, accountId, call, errorOf, fakeDependencies } from '../support/fake-service.ts';

const names = Object.keys(actions) as ActionName[];

const context: ActionContext = {
  caller: { accountId, accessKeyId },
  blockstore: fakeDependencies().blockstore,
  region: 'here-1',
  zones: ['here-1a'],
  endpoint: 'localhost:8773',
};

/** Which members an action looks at, whatever it then thinks of them. */
async function membersRead<Name extends ActionName>(name: Name): Promise<ReadonlySet<string>> {
  const read = new Set<string>();
  const lookedAt = new Proxy({}, { get: (_, member) => void read.add(String(member)) });
  const action: Action<Name> = actions[name];
  await action.perform(lookedAt as Requests[Name], context).catch(() => undefined);
  return read;
}

/** Members that mean nothing here because every value of them asks for what is so anyway. */
const trueWhateverIsAsked = ['IncludeManagedResources', 'AllAvailabilityZones', 'AllRegions'];

describe.each(names)('%s', (name) => {
  const { members } = actions[name];

  test('decides about every member of the model', () => {
    const schema = requestStructures[operations[name].request] ?? [];
    expect(Object.keys(members).sort()).toEqual(schema.map((member) => member.name).sort());
  });

  test('reads no member that it says it refuses', async () => {
    const refused = Object.entries(members).flatMap(([member, rule]) => (rule === 'honoured' ? [] : [member]));
    const read = await membersRead(name);
    expect(refused.filter((member) => read.has(member))).toEqual([]);
  });

  test('refuses the others with a reason', () => {
    for (const [member, rule] of Object.entries(members)) {
      const refuse = () => refuseUnhonoured(members, { [member]: 'something' });
      if (rule === 'honoured') expect(refuse).not.toThrow();
      else expect(refuse).toThrow(expect.objectContaining({ reason: rule.refuse }));
    }
  });
});

test('the describe actions read every member that they honour', async () => {
  for (const name of names.filter((candidate) => candidate.startsWith('Describe'))) {
    const honoured = Object.entries(actions[name].members).flatMap(([member, rule]) => (rule === 'honoured' ? [member] : []));
    const read = await membersRead(name);
    expect(honoured.filter((member) => !read.has(member) && !trueWhateverIsAsked.includes(member))).toEqual([]);
  }
});

describe('on the wire', () => {
  const create = { Action: 'CreateVolume', AvailabilityZone: 'here-1a', Size: '1' };

  test.each([
    ['Encrypted', 'true', 'UnsupportedOperation'],
    ['MultiAttachEnabled', 'true', 'InvalidParameterCombination'],
    ['OutpostArn', 'arn:aws:x', 'UnsupportedOperation'],
    ['VolumeInitializationRate', '100', 'UnsupportedOperation'],
    ['Operator.Principal', 'eks', 'UnsupportedOperation'],
    ['KmsKeyId', 'key', 'InvalidParameterDependency'],
  ])('CreateVolume with %s=%s is refused with %s', async (member, value, code) => {
    const deps = fakeDependencies();
    expect(errorOf(await call({ ...create, [member]: value }, deps))).toMatchObject({ status: 400, code });
    expect(deps.blockstore.held.volumes).toEqual([]);
  });

  test('saying that a volume is not to be encrypted or shared is fine', async () => {
    const { status } = await call({ ...create, Encrypted: 'false', MultiAttachEnabled: 'false' }, fakeDependencies());
    expect(status).toBe(200);
  });
});
