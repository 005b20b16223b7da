import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { qmpSocketTemplate } from '../../../../src/drivers/qemu/qmp-socket-template.ts';

describe('the template of QMP sockets', () => {
  it('gives the socket of a domain', () => {
    expect(qmpSocketTemplate('/run/vbs/{domain}.qmp')?.socketOf('web-1')).toBe('/run/vbs/web-1.qmp');
  });

  it('refuses a domain name that leads elsewhere', () => {
    const socketOf = qmpSocketTemplate('/run/vbs/{domain}.qmp')?.socketOf ?? (() => '');
    for (const domain of ['../../tmp/evil', 'a/b', '..', '', '-x']) expect(() => socketOf(domain)).toThrow('is no domain name');
  });

  it('lists the domains that have a socket file, and none when there is no such folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vbs-template-'));
    for (const file of ['web.qmp', 'db.qmp', 'web.log', '.qmp']) writeFileSync(join(folder, file), '');
    expect([...((await qmpSocketTemplate(`${folder}/{domain}.qmp`)?.domains()) ?? [])].sort()).toEqual(['db', 'web']);
    rmSync(folder, { recursive: true });
    expect(await qmpSocketTemplate(`${folder}/{domain}.qmp`)?.domains()).toEqual([]);
  });

  it('refuses a template without the domain in its file name', () => {
    for (const template of ['/run/vbs/qmp', '/run/{domain}/qmp', '/run/{domain}-{domain}.qmp']) {
      expect(qmpSocketTemplate(template)).toBeUndefined();
    }
  });
});
