import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Authority, makeAuthority } from '../../../scripts/stand-in-nimbus/certificates.ts';
import { callerName } from '../../../src/resolvers/nimbus/caller-name.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbs-caller-'));
let authority: Authority;
beforeAll(async () => {
  authority = await makeAuthority(join(folder, 'ca'), '/O=Grid/CN=Authority');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the name of a caller, of a certificate', () => {
  it.each([
    ['/O=Grid/OU=Test/CN=Alice', '/O=Grid/OU=Test/CN=Alice'],
    ['/DC=org/DC=example/O=A Grid/CN=Alice Example 7', '/DC=org/DC=example/O=A Grid/CN=Alice Example 7'],
    ['/C=DE/O=Grid/CN=host.example.org', '/C=DE/O=Grid/CN=host.example.org'],
    // Globus has written this part in several ways.
    ['/O=Grid/CN=Alice/emailAddress=alice@example.org', undefined],
    ['/O=Grid, Inc./CN=Alice', undefined],
    // The certificate of a proxy has the name of who made it and one more part.
    ['/O=Grid/CN=Authority/CN=proxy', undefined],
    ['/O=Grid/CN=Authority/CN=12345', undefined],
  ])('of %s is %s', async (subject, name) => {
    const { cert } = await authority.issue('one', subject);
    expect(callerName(cert)()).toBe(name);
  });

  it('is that of the certificate as it is now, and none is made up where there is none', async () => {
    const { cert } = await authority.issue('renewed', '/O=Grid/CN=Alice');
    const name = callerName(cert);
    expect(name()).toBe('/O=Grid/CN=Alice');
    await authority.issue('renewed', '/O=Grid/CN=Alice the Second');
    expect(name()).toBe('/O=Grid/CN=Alice the Second');
    writeFileSync(cert, 'no certificate\n');
    expect(name).toThrow('has no certificate that can be read');
    rmSync(cert);
    expect(name).toThrow('has no certificate that can be read');
  });
});
