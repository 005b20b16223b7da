import { ApiError } from '../errors.ts';
import { shorten } from '../wire/nest-params.ts';
import { type Action, stopDryRun } from './action.ts';

/** What clients ask to learn whether there is EC2-Classic; the limits are of resources that this service has not. */
const attributes: ReadonlyMap<string, readonly string[]> = new Map([
  ['supported-platforms', ['VPC']],
  ['default-vpc', ['none']],
  ['max-instances', ['0']],
  ['vpc-max-security-groups-per-interface', ['0']],
  ['max-elastic-ips', ['0']],
  ['vpc-max-elastic-ips', ['0']],
]);

export const describeAccountAttributes: Action<'DescribeAccountAttributes'> = {
  members: { AttributeNames: 'honoured', DryRun: 'honoured' },
  async perform(request) {
    const names = request.AttributeNames ?? [...attributes.keys()];
    const unknown = names.find((name) => !attributes.has(name));
    if (unknown !== undefined) throw new ApiError('InvalidParameterValue', `The attribute '${shorten(unknown)}' is invalid.`);
    stopDryRun(request.DryRun);
    return {
      AccountAttributes: names.map((name) => ({
        AttributeName: name,
        AttributeValues: (attributes.get(name) ?? []).map((value) => ({ AttributeValue: value })),
      })),
    };
  },
};
