import type { Answer, Look, Thing } from '../../drivers/thing.ts';
import { bytesOfGiB } from '../../model/size.ts';

/**
 * The thing in the size that is asked for or, when that is not the one it has, in another one that its volume may have (`sizesInDoubt` of the store).
 * It is found and taken away in the one that it has, and made in the one that is asked for.
 */
export function ofEitherSize<Spec extends { readonly bytes: number }, Facts>(
  thing: Thing<Spec, Facts>,
  sizesGiB: readonly number[],
): Thing<Spec, Facts> {
  const sizes = sizesGiB.map(bytesOfGiB);
  const find = async (spec: Spec): Promise<{ readonly found: Answer<Look<Facts>>; readonly fitting: Spec }> => {
    const asked = await thing.look(spec);
    let { commands } = asked;
    if (asked.value.state === 'different') {
      for (const bytes of sizes.filter((size) => size !== spec.bytes)) {
        const other = await thing.look({ ...spec, bytes });
        commands = [...commands, ...other.commands];
        if (other.value.state !== 'different') {
          return { found: { value: other.value, commands }, fitting: { ...spec, bytes } };
        }
      }
    }
    return { found: { value: asked.value, commands }, fitting: spec };
  };
  if (sizes.length === 0) {
    return thing;
  }
  return {
    look: async (spec) => (await find(spec)).found,
    async make(spec) {
      const { found } = await find(spec);
      return found.value.state === 'present' ? found.commands : [...found.commands, ...(await thing.make(spec))];
    },
    async unmake(spec) {
      const { found, fitting } = await find(spec);
      return [...found.commands, ...(await thing.unmake(fitting))];
    },
    list: () => thing.list(),
  };
}
