import { describe, expect, it } from 'vitest';
import { fill, ValueRefused } from '../../../../src/drivers/command/template.ts';

describe('a placeholder', () => {
  it.each([
    ['{x:id}', 'vol-0123456789abcdef0', 'vol-0123456789abcdef0'],
    ['{x:serial}', 'vol-0123456789abcdef0', 'vol0123456789abcdef0'],
    ['--size={x:size}', 1024 ** 4, '--size=1099511627776'],
    ['{x:path}/volumes', '/srv/my volumes', '/srv/my volumes/volumes'],
    ['{x:iqn}', 'iqn.2009-11.org.vbs:vol-00000001', 'iqn.2009-11.org.vbs:vol-00000001'],
    ['{x:portal}', '[fd00::1]:3260', '[fd00::1]:3260'],
    ['{x:portal}', '[0:0:0:0:0:0:0:1]:3260', '[::1]:3260'],
    ['{x:portal}', '[FD00:0::0001]:3260', '[fd00::1]:3260'],
    ['{{{x:word}}}', 'a', '{a}'],
  ])('%s is filled in with %s', (template, value, text) => {
    expect(fill(template, { x: value })).toBe(text);
  });

  it.each([
    ['id', '--help'],
    ['id', 'vol-0123456789abcdef0/../../etc/passwd'],
    ['id', 'vol-0123456789abcdef0\n'],
    ['id', 'vol-0123456789ABCDEF0'],
    ['id', 'vol-1'],
    ['serial', 'vol--00000001'],
    ['path', 'relative'],
    ['path', '/srv/../etc/shadow'],
    ['path', '/srv/\u0000'],
    ['path', '-rf'],
    ['size', '-1'],
    ['size', '1e3'],
    ['size', 1.5],
    ['size', Number.MAX_SAFE_INTEGER + 1],
    ['size', Number.NaN],
    ['iqn', 'iqn.2009-11.org.vbs:a b'],
    ['iqn', '-iqn.2009-11.org.vbs:a'],
    ['iqn', 'iqn.2009-11.org.vbs:a,portal=x'],
    ['word', '-x'],
    ['word', 'a b'],
    ['word', 'a,b'],
    ['word', ''],
    ['portal', 'storage.example:3260'],
    ['portal', '127.0.0.1'],
    ['portal', '300.0.0.1:3260'],
    ['portal', '127.0.0.1:70000'],
    ['portal', '[fd00::1::2]:3260'],
    ['path', '/with,comma'],
    ['text', '--option'],
    ['text', 'two\nlines'],
    ['secret', 'two\nlines'],
    ['secret', ''],
  ])('of type %s refuses %j, without saying the value', (type, value) => {
    const filling = (): string => fill(`{x:${type}}`, { x: value });
    expect(filling).toThrow(ValueRefused);
    expect(filling).toThrow(`the value for {x:${type}} is not `);
  });

  it('refuses to be filled in with nothing, or with what every object has', () => {
    expect(() => fill('{x:word}', {})).toThrow('nothing gives a value for {x:word}');
    expect(() => fill('{constructor:word}', {})).toThrow('nothing gives a value for {constructor:word}');
  });
});
