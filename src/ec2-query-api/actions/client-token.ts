import { ApiError } from '../errors.ts';

/** EC2 takes client tokens of up to 64 ASCII characters. */
const clientTokenForm = /^[\x20-\x7e]{1,64}$/;

/** The member of a use case's request, which is left out when there is no token. */
export function readClientToken(text: string | undefined): { readonly clientToken?: string } {
  if (text === undefined) return {};
  if (!clientTokenForm.test(text)) throw new ApiError('InvalidParameterValue', 'The client token is not at most 64 ASCII characters.');
  return { clientToken: text };
}
