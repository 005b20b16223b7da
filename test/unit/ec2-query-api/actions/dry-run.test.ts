import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ActionName } from '../../../../src/ec2-query-api/actions/action.ts';
import { actions } from '../../../../src/ec2-query-api/actions/table.ts';
import { dumpDatabase } from '../../../support/database-dump.ts';
import { type ApiRig, startApiRig } from '../support/api-rig.ts';
import { errorOf } from '../support/fake-service.ts';
import { prepareSampleRequests } from '../support/sample-requests.ts';

let api: ApiRig;
beforeEach(async () => {
  api = await startApiRig();
});
afterEach(() => api.close());

/** The model gives these no DryRun. */
const withoutDryRun: readonly string[] = [];

describe.each(Object.keys(actions) as ActionName[])('%s', (name) => {
  test.skipIf(withoutDryRun.includes(name))(
    'answers a dry run of what would succeed with DryRunOperation, and changes nothing',
    async () => {
      const request = (await prepareSampleRequests(api))[name];
      const before = dumpDatabase(api.rig.databaseFile);
      const inventory = api.rig.world.inventory();
      expect(errorOf(await api.call({ Action: name, DryRun: 'true', ...request }))).toMatchObject({ status: 412, code: 'DryRunOperation' });
      await api.settle();
      expect(dumpDatabase(api.rig.databaseFile)).toEqual(before);
      expect(api.rig.world.inventory()).toEqual(inventory);
    },
  );

  test('does the same when it is not a dry run', async () => {
    const request = (await prepareSampleRequests(api))[name];
    expect((await api.call({ Action: name, ...request })).text).toContain(`<${name}Response`);
  });
});
