import { expect, it } from 'vitest';
import {
  greeting,
  isRemoteEnd,
  quoteForShell,
  readGreeting,
  readRemoteOutcome,
  remoteScript,
  remoteShellLine,
  startFailureOf,
} from '../../../../src/drivers/command/ssh-command-line.ts';

it('puts every word between quotes', () => {
  expect(quoteForShell("it's $HOME")).toBe("'it'\\''s $HOME'");
  expect(quoteForShell('')).toBe("''");
  expect(() => quoteForShell('a\0b')).toThrow('zero byte');
  expect(remoteShellLine()).toMatch(/^exec 'env' '-i' 'LC_ALL=C' 'PATH=[^']+' 'sh'$/);
});

it('writes a command as a script that a shell runs whole or not at all', () => {
  const lvs = { argv: ['lvs', '--noheadings'], env: { TGT_IPC_SOCKET: '/run/x y' }, timeoutMs: 1_500 };
  const script = remoteScript(lvs, 'm1');
  expect(script.startsWith('{\n') && script.endsWith('\n}\n')).toBe(true);
  expect(script).toContain("\nTGT_IPC_SOCKET='/run/x y' timeout --kill-after=2 1.5 'lvs' '--noheadings' </dev/null\n");
  expect(remoteScript({ ...lvs, stdin: "it's" }, 'm1')).toContain("\nprintf %s 'it'\\''s' 2>/dev/null | TGT_IPC_SOCKET=");
  expect(() => remoteScript({ ...lvs, env: { 'A;id': '' } }, 'm1')).toThrow('A;id cannot be the name of a variable');
});

it('is greeted by its own mark alone', () => {
  expect(greeting('m1')).toContain("'m1'");
  expect(readGreeting('Welcome!\nvbs-ready m1 0b1c\n', 'm1')).toBe('0b1c');
  expect(readGreeting('vbs-ready m2 0b1c\n', 'm1')).toBeUndefined();
  expect(readGreeting('vbs-ready m1 0b', 'm1')).toBeUndefined();
});

it('drops what was said before the command, and tells its end from that of ssh', () => {
  const [stdout, stderr] = ['Welcome!\nvbs-begin m1\nout\n\nvbs-end m1\n', 'a warning\nvbs-begin m1\nerr\n\nvbs-end m1 255\n'];
  expect(isRemoteEnd(stdout, stderr, 'm1')).toBe(true);
  expect(readRemoteOutcome(stdout, stderr, 'm1')).toEqual({ began: true, status: 255, stdout: 'out\n', stderr: 'err\n' });
  expect(isRemoteEnd('vbs-begin m1\npart', stderr, 'm1')).toBe(false);
  expect(isRemoteEnd(stdout, 'vbs-begin m1\nerr\n', 'm1')).toBe(false);
  expect(readRemoteOutcome('vbs-begin m1\npart', 'vbs-begin m1\nConnection reset\n', 'm1')).toEqual({
    began: true,
    stdout: 'part',
    stderr: 'Connection reset\n',
  });
  expect(readRemoteOutcome('', 'Connection reset\n', 'm1')).toEqual({ began: false, stdout: '', stderr: 'Connection reset\n' });
});

it('does not take an end for its own that a command wrote', () => {
  const stdout = 'vbs-begin m1\n\nvbs-end m2\n';
  const stderr = 'vbs-begin m1\n\nvbs-end m2 0\n';
  expect(isRemoteEnd(stdout, stderr, 'm1')).toBe(false);
  expect(readRemoteOutcome(stdout, stderr, 'm1')).not.toHaveProperty('status');
});

it('hears that a program could not be started, whatever was said before', () => {
  const said = "timeout: failed to run command 'lvs': No such file or directory\n";
  expect(startFailureOf(127, said)).toBe('ENOENT');
  expect(startFailureOf(126, `mux_client_request_session: session refused\n${said}`)).toBe('EACCES');
  expect(startFailureOf(1, said)).toBeUndefined();
  expect(startFailureOf(127, 'lvs: not found\n')).toBeUndefined();
});
