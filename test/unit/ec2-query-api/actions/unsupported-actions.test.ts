import { expect, test } from 'vitest';
import { actions } from '../../../../src/ec2-query-api/actions/table.ts';
import { unsupportedActions } from '../../../../src/ec2-query-api/actions/unsupported-actions.ts';
import { actionNames } from '../../../../src/ec2-query-api/api-model/operations.ts';
import { call, errorOf, fakeDependencies } from '../support/fake-service.ts';

test.each(Object.entries(unsupportedActions))(
  '%s is an action of EC2, is not served, and is refused with its reason',
  async (action, reason) => {
    expect(actionNames.has(action)).toBe(true);
    expect(Object.keys(actions)).not.toContain(action);
    const refused = errorOf(await call({ Action: action }, fakeDependencies()));
    expect(refused).toMatchObject({
      status: 400,
      code: 'UnsupportedOperation',
      message: `The action ${action} is not supported: ${reason}`,
    });
  },
);
