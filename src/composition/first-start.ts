import { profileLines } from '../cli/aws-profile.ts';
import type { AccountId } from '../model/ids.ts';
import type { Store } from '../store/store.ts';
import { operatorOn } from './open-operator.ts';

/** The account of the access key that the first start makes. */
export const firstAccount = '000000000000' as AccountId;

/** An access key where there is none yet. */
export async function makeFirstKey(store: Store) {
  const keys = await store.accessKeys.list();
  return keys.length > 0 ? undefined : operatorOn(store).credentials.add({ accountId: firstAccount });
}

/** What the first start prints, with the only sight of the key's secret. */
export function firstStartText(
  key: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly accountId: string },
  url: string,
  region: string,
): string {
  return `
First start: an access key was made. It is shown only now; paste this into ~/.aws/config:

${profileLines(key, { url, region }).join('\n')}

and try: aws --profile vbs ec2 describe-volumes
(AWS CLI before 2.13 and 1.29 knows no endpoint_url; give it --endpoint-url ${url})
`;
}
