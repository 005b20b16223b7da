import type { ResolverHealth } from '../resolvers/cloud-resolver.ts';

const states = {
  closed: 'is asked',
  open: 'is left alone for a while, since it did not answer',
  trying: 'is tried again with one question',
} satisfies Record<ResolverHealth['circuit'], string>;

/** How a cloud is, in a sentence for `GET /healthz`. The numbers count from the start of the service. */
export function resolverHealthLine({ name, circuit, asked, failed }: ResolverHealth): string {
  const questions = asked === 1 ? '1 question' : `${asked} questions`;
  return `The resolver ${name} ${states[circuit]}; ${failed === 0 ? 'none' : failed} of ${questions} failed.`;
}
