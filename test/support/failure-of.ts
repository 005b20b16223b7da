import { Failure, type FailureReason } from '../../src/model/failure.ts';

/** The reason with which a request is refused; `undefined` when it is taken. Any other error is thrown on. */
export async function failureOf(request: Promise<unknown>): Promise<FailureReason | undefined> {
  try {
    await request;
    return undefined;
  } catch (cause) {
    if (cause instanceof Failure) {
      return cause.reason;
    }
    throw cause;
  }
}
