/** One gibibyte, in bytes. EC2 gives every size in GiB. */
export const bytesPerGiB = 1024 ** 3;

export function bytesOfGiB(sizeGiB: number): number {
  return sizeGiB * bytesPerGiB;
}
