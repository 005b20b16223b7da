import { expect, it } from 'vitest';
import { quoteForShell, readRemoteOutcome, remoteCommandLine } from '../../../../src/drivers/command/ssh-command-line.ts';

it('puts every word between quotes', () => {
  expect(quoteForShell("it's $HOME")).toBe("'it'\\''s $HOME'");
  expect(quoteForShell('')).toBe("''");
  expect(() => quoteForShell('a\0b')).toThrow('zero byte');
  const line = remoteCommandLine({ argv: ['lvs', '--noheadings'], env: { TGT_IPC_SOCKET: '/run/x y' }, timeoutMs: 1_500 }, 'm1');
  expect(line).toMatch(/^exec 'env' '-i' 'LC_ALL=C' 'PATH=[^']+' 'TGT_IPC_SOCKET=\/run\/x y' 'sh' '-c' /);
  expect(line.endsWith("'vbs' 'm1' '1.5' 'lvs' '--noheadings'")).toBe(true);
});

it('drops what was said before the command, and tells its end from that of ssh', () => {
  expect(readRemoteOutcome('Welcome!\nvbs-begin m1\nout\n', 'a warning\nvbs-begin m1\nerr\n\nvbs-end m1 255\n', 'm1')).toEqual({
    began: true,
    status: 255,
    stdout: 'out\n',
    stderr: 'err\n',
  });
  expect(readRemoteOutcome('vbs-begin m1\npart', 'vbs-begin m1\nConnection reset\n', 'm1')).toEqual({
    began: true,
    stdout: 'part',
    stderr: 'Connection reset\n',
  });
  expect(readRemoteOutcome('', 'Connection reset\n', 'm1')).toEqual({ began: false, stdout: '', stderr: 'Connection reset\n' });
});

it('does not take an end for its own that a command wrote', () => {
  const forged = readRemoteOutcome('', 'vbs-begin m1\n\nvbs-end m2 0\n', 'm1');
  expect(forged).not.toHaveProperty('status');
});
