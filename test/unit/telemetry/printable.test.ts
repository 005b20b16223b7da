import fc from 'fast-check';
import { expect, it } from 'vitest';
import { printable } from '../../../src/telemetry/printable.ts';

it.each([
  ['the start of a terminal command', '\u001b[2J', '\\u001b[2J'],
  ['the same in one character', '\u009b2J', '\\u009b2J'],
  ['line breaks', 'a\r\nb', 'a\\u000d\\u000ab'],
  ['the separators of lines and paragraphs', '\u2028\u2029\u0085', '\\u2028\\u2029\\u0085'],
  ['writing directions', '\u202a\u202e\u2066\u2069\u200e\u200f\u061c', '\\u202a\\u202e\\u2066\\u2069\\u200e\\u200f\\u061c'],
  ['what has no width', '\u200b\u2060\ufeff\u00ad\u3164', '\\u200b\\u2060\\ufeff\\u00ad\\u3164'],
  ['letters of tags, which are two units', '\u{e0041}', '\\udb40\\udc41'],
  ['half of a pair', '\ud800', '\\ud800'],
  ['tabulators and DEL', '\t\u007f', '\\u0009\\u007f'],
])('shows %s', (_, text, shown) => {
  expect(printable(text)).toBe(shown);
});

it('leaves what is seen as it is, in every script', () => {
  const text = 'web server "Größe" 数据 שלום مرحبا é 😀 \\u202e C:\\new';
  expect(printable(text)).toBe(text);
});

it('gives the same a second time, and the same JSON', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const once = printable(text);
      expect(printable(once)).toBe(once);
      expect(JSON.parse(printable(JSON.stringify({ [text]: text })))).toEqual({ [text]: text });
    }),
  );
});
