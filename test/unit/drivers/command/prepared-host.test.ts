import { expect, it } from 'vitest';
import { preparedHost } from '../../../../src/drivers/command/prepared-host.ts';
import { scriptedHost } from './scripted-host.ts';

it('is prepared once before its first command, and again before the next while that fails', async () => {
  const done: string[] = [];
  let isReachable = false;
  const host = preparedHost(
    scriptedHost(({ argv }) => {
      done.push(String(argv[0]));
      return {};
    }),
    async () => {
      done.push('prepare');
      if (!isReachable) throw new Error('not there');
    },
  );
  const run = (program: string) => host.run({ argv: [program], timeoutMs: 1 });
  await expect(host.prepare()).rejects.toThrow('not there');
  await expect(run('one')).rejects.toThrow('not there');
  isReachable = true;
  await Promise.all([run('two'), run('three')]);
  await run('four');
  expect(done).toEqual(['prepare', 'prepare', 'prepare', 'two', 'three', 'four']);
});
