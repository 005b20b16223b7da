import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Action, ActionName } from '../../../../src/ec2-query-api/actions/action.ts';
import { actions } from '../../../../src/ec2-query-api/actions/table.ts';
import { operations, type Requests, requestStructures } from '../../../../src/ec2-query-api/api-model/operations.ts';
import { decode } from '../../../../src/ec2-query-api/wire/decode.ts';
import { nestParams } from '../../../../src/ec2-query-api/wire/nest-params.ts';
import { caller, zone } from '../../../support/saga-rig.ts';
import { type ApiRig, startApiRig } from '../support/api-rig.ts';
import { prepareSampleRequests } from '../support/sample-requests.ts';

let api: ApiRig;
beforeEach(async () => {
  api = await startApiRig();
});
afterEach(() => api.close());

/** Members that mean nothing here because every value of them asks for what is so anyway. */
const trueWhateverIsAsked = ['IncludeManagedResources', 'AllAvailabilityZones', 'AllRegions'];

/** Which members an action looks at while it carries a request out. */
async function membersRead<Name extends ActionName>(name: Name, request: object): Promise<ReadonlySet<string>> {
  const read = new Set<string>();
  const watched = new Proxy(request, {
    get(target, member, receiver): unknown {
      read.add(String(member));
      return Reflect.get(target, member, receiver);
    },
  });
  const action: Action<Name> = actions[name];
  const { blockstore } = api.service;
  await action.perform(watched as Requests[Name], { caller, blockstore, region: 'here-1', zones: [zone], endpoint: 'localhost:8773' });
  return read;
}

test.each(Object.keys(actions) as ActionName[])('%s reads every member that it says it honours', async (name) => {
  const sample = (await prepareSampleRequests(api))[name];
  const request = decode(requestStructures, operations[name].request, nestParams(Object.entries(sample)));
  const read = await membersRead(name, request);
  await api.settle();
  const honoured = Object.entries(actions[name].members).flatMap(([member, rule]) => (rule === 'honoured' ? [member] : []));
  expect(honoured.filter((member) => !read.has(member) && !trueWhateverIsAsked.includes(member))).toEqual([]);
});
