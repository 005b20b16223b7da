/**
 * The names under which a Xen host knows itself: its control domain is listed beside the guests, as `Domain-0`, and has the number 0 and a uuid of
 * zeros. A disk that is put there is in the VMM host.
 */
const controlDomain = /^(?:domain-0|0+|0{8}-0{4}-0{4}-0{4}-0{12})$/i;

/** Whether the domain is the VMM host itself, which is never given a volume. */
export function isControlDomain(domain: string): boolean {
  return controlDomain.test(domain);
}
