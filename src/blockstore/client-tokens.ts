import { createHash } from 'node:crypto';
import type { Caller } from '../model/caller.ts';
import { Failure } from '../model/failure.ts';
import type { Store } from '../store/store.ts';

/** The parameters as the caller meant them, without the token itself; `dryRun` changes nothing that is made. */
export function parametersHashOf(request: { readonly clientToken?: string; readonly dryRun: boolean }): string {
  const { clientToken: _token, dryRun: _dryRun, ...parameters } = request;
  const inOrder = Object.entries(parameters).sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(inOrder)).digest('hex');
}

/** What an earlier request of the caller's made with the same token, `undefined` when there was none. Throws Failure when its parameters were others. */
export async function madeEarlier(
  store: Store,
  { accountId }: Caller,
  request: { readonly action: string; readonly token: string; readonly parametersHash: string },
): Promise<string | undefined> {
  const used = await store.clientToken(accountId, request.action, request.token);
  if (used !== undefined && used.parametersHash !== request.parametersHash) {
    throw new Failure({ kind: 'idempotent-parameter-mismatch', clientToken: request.token });
  }
  return used?.resourceId;
}
