import { expect, it } from 'vitest';
import { redactor } from '../../../../src/drivers/command/redact.ts';

it('takes secrets out wherever they stand, a longer one whole', () => {
  expect(redactor(['secret', 'secret-and-more', ''])('a secret, --password=secret-and-more')).toBe('a [secret], --password=[secret]');
});

it('takes a secret for text and not for an expression', () => {
  expect(redactor(['a.c$&'])('abc a.c$&')).toBe('abc [secret]');
});

it('leaves everything as it is when there is no secret', () => {
  expect(redactor([])('text')).toBe('text');
});
