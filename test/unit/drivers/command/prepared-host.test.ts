import { expect, it } from 'vitest';
import { preparedHost } from '../../../../src/drivers/command/prepared-host.ts';
import { scriptedHost } from './scripted-host.ts';

it('is prepared once before its first command, again before the next while that fails, and anew after a boot', async () => {
  const done: string[] = [];
  let canBePrepared = false;
  let boot = 'first';
  const bare = scriptedHost(({ argv }) => {
    done.push(String(argv[0]));
    return {};
  });
  const host = preparedHost({ ...bare, bootId: async () => boot }, async () => {
    done.push('prepare');
    if (!canBePrepared) throw new Error('no such volume group');
  });
  const run = (program: string) => host.run({ argv: [program], timeoutMs: 1 });
  await expect(host.prepare()).rejects.toThrow('no such volume group');
  await expect(run('one')).rejects.toThrow('no such volume group');
  canBePrepared = true;
  await Promise.all([run('two'), run('three')]);
  await run('four');
  boot = 'second';
  await run('five');
  expect(done).toEqual(['prepare', 'prepare', 'prepare', 'two', 'three', 'four', 'prepare', 'five']);
});
