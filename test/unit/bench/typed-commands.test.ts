import { expect, it } from 'vitest';
import { typedCommands } from '../../../bench/lab/typed-commands.ts';
import type { JournalEntry } from '../../../src/saga/journal.ts';

it('is what the service did, host by host in its order, with the secrets that it does not keep', () => {
  const command = (host: string, ...argv: readonly string[]) => ({
    host,
    argv,
    startedAtMs: 0,
    durationMs: 1,
    exitCode: 0,
    outputTail: '',
  });
  const entry = (step: string, ...commands: JournalEntry['commands']): JournalEntry => ({
    sequence: 1,
    step,
    direction: 'do',
    outcome: 'done',
    commands,
    startedAtMs: 0,
  });
  const journal = [
    entry('volume', command('vs1', 'lvs', '--select', "lv_name='one'")),
    entry('access', command('vs1', '/s/tgt-account', '1', 'iqn.a:att-1')),
    entry(
      'session',
      command('xen1', '/s/open-iscsi', 'login', 'iqn.a:vol-1', '10.0.0.1:3260', '1', 'iqn.a:att-1', 'att-1', 'vol1', '64', '9'),
    ),
    entry('disk', command('vs1', 'true')),
  ];
  expect(typedCommands(journal)).toEqual([
    {
      host: 'vs1',
      script: `'lvs' '--select' 'lv_name='\\''one'\\'''\nprintf '%s\\n' 'att-1' 'sixteen-letters_' | '/s/tgt-account' '1' 'iqn.a:att-1'`,
    },
    {
      host: 'xen1',
      script: `printf '%s\\n' 'sixteen-letters_' | '/s/open-iscsi' 'login' 'iqn.a:vol-1' '10.0.0.1:3260' '1' 'iqn.a:att-1' 'att-1' 'vol1' '64' '9'`,
    },
    { host: 'vs1', script: `'true'` },
  ]);
});
