/** The account of the access key that the first start makes. */
const firstAccount = '000000000000';

/** An access key as a profile to paste into `~/.aws/config`, with the only sight of its secret. A profile bears the account's name unless it is the first one. */
export function profileLines(
  key: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly accountId: string; readonly sessionToken?: string },
  { url, region }: { readonly url: string; readonly region: string },
): readonly string[] {
  return [
    `[profile ${key.accountId === firstAccount ? 'vbs' : `vbs-${key.accountId}`}]`,
    `region = ${region}`,
    `endpoint_url = ${url}`,
    `aws_access_key_id = ${key.accessKeyId}`,
    `aws_secret_access_key = ${key.secretAccessKey}`,
    ...(key.sessionToken === undefined ? [] : [`aws_session_token = ${key.sessionToken}`]),
  ];
}
