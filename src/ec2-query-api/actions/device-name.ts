import { ApiError } from '../errors.ts';
import { shorten } from '../wire/nest-params.ts';

/** `/dev/sdf`, `xvdb`, `/dev/nvme1n1`: the names that EC2 and the hypervisors use. What a hypervisor makes of one is its driver's matter. */
const deviceNameForm = /^(\/dev\/)?[a-z][a-z0-9]{1,30}$/;

export function readDeviceName(text: string): string {
  if (!deviceNameForm.test(text)) {
    throw new ApiError('InvalidParameterValue', `Value (${shorten(text)}) for parameter device is invalid. It is not a valid device name.`);
  }
  return text;
}
