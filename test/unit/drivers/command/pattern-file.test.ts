import { expect, it } from 'vitest';
import { complaintsAbout, exampleFile, exampleWith, parseExample } from './example-pattern.ts';

it('reads a file that is right', () => {
  expect(parseExample('initiator', exampleFile)).toMatchObject({
    name: 'example',
    file: 'example.yaml',
    session: { overlaps: 'none-per-thing' },
  });
});

it.each([
  [
    'an unknown kind',
    { 'kind: initiator': 'kind: initiater' },
    'example.yaml:1: kind has to be volume-server, export-server, initiator or vmm',
  ],
  ['an unknown key', { '  overlaps:': '  overlapping: yes\n  overlaps:' }, 'example.yaml:9: "overlapping" is not known here; see'],
  ['a missing verb', { '  list:': '  lists:' }, 'example.yaml:8: session.list: missing'],
  ['a wrong word', { 'none-per-thing': 'never' }, 'example.yaml:9: session.overlaps: overlaps is none-per-host, none-per-thing or free'],
  ['a setting that is a secret', { 'type: path': 'type: secret' }, 'example.yaml:5: settings.folder.type: a setting is of type path'],
  ['a default of the wrong type', { '/var/lib/example': 'var/lib' }, 'example.yaml:5: the default of "folder" is not an absolute path'],
  [
    'a broken regular expression',
    { '(?<device>\\S*)': '(?<device>\\S*' },
    'example.yaml:16: session.look.rows.lines: Invalid regular expression',
  ],
  [
    'a placeholder that names nothing',
    { '{bytes:size}': '{gigabytes:size}' },
    'example.yaml:19: {gigabytes:size} names nothing that is known here',
  ],
  [
    'a placeholder of the wrong type',
    { "--of, '{target:iqn}'": "--of, '{target:word}'" },
    'example.yaml:12: {target:word} has the wrong type; write {target:iqn}',
  ],
  [
    'a type that does not exist',
    { '{portal:portal}': '{portal:address}' },
    'example.yaml:23: "{portal:address}" asks for a type that does not exist',
  ],
  ['a lone brace', { '{portal:portal}': '{portal:portal' }, 'example.yaml:23: a lone "{"'],
  [
    'a secret on a command line',
    { "'{portal:portal}'": "'{chapSecret:secret}'" },
    'example.yaml:23: {chapSecret:secret} would show in ps and /proc',
  ],
  [
    'a secret on a command line by another type',
    { "'{portal:portal}'": "'{chapSecret:word}'" },
    'example.yaml:23: {chapSecret:word} would show in ps',
  ],
  ['a program chosen by a request', { "[rescan, '{target:iqn}']": "['{target:iqn}']" }, 'example.yaml:26: the program is a plain name'],
  ['a captured field in make', { "[rescan, '{target:iqn}']": "[rescan, '{device:path}']" }, 'example.yaml:26: {device:path} names nothing'],
  [
    'a field that nothing captures',
    { 'length: {': 'size: {' },
    'example.yaml:19: nothing captures "size"; the rows have name, device, length',
  ],
  [
    'a captured field with a taken name',
    { '(?<length>': '(?<bytes>', 'length: {': 'bytes: {' },
    '"bytes" is already a setting or a field of the session',
  ],
  ['a fact that is missing', { 'devicePath: ': 'device: ' }, 'example.yaml:20: facts have to give "devicePath" of the session'],
  ['absence while making', { 'benign: [15]': 'absent: [15]' }, 'example.yaml:25: nothing can be absent while it is made'],
  [
    'two ways of parsing',
    { "lines: '^(?<name>\\S+) '": "lines: '^(?<name>\\S+) '\n      keyValue: { separator: '=', fields: {} }" },
    'give exactly one of lines',
  ],
  ['YAML that is none', { 'name: example': 'name: [example' }, 'example.yaml:'],
  ['a key given twice', { 'name: example': 'name: example\nname: example' }, 'example.yaml:3: "name": the key stands here twice'],
  ['an alias to nothing', { 'argv: [sessions]': 'argv: *nothing' }, 'example.yaml:33: *nothing names nothing'],
])('refuses %s, and says where and why', (_, changes, complaint) => {
  expect(complaintsAbout(exampleWith(changes)).join('\n')).toContain(complaint);
});

it('tells everything that is wrong at once, in the order of the lines', () => {
  const complaints = complaintsAbout(exampleWith({ '{bytes:size}': '{gigabytes:size}', '{device:path}': '{drive:path}' }));
  expect(complaints.map((complaint) => complaint.split(' ')[0])).toEqual(['example.yaml:19:', 'example.yaml:20:']);
});
