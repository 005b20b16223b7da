import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { alice, capturedWorkspaces, mallory } from '../../../scripts/stand-in-nimbus/nimbus-workspace.ts';
import { type StandInNimbus, type StandInNimbusOptions, startStandInNimbus } from '../../../scripts/stand-in-nimbus/stand-in-nimbus.ts';
import { signV2 } from '../../../src/resolvers/ec2/sign-v2.ts';
import { readXml, type XmlElement } from '../../../src/resolvers/xml/read-xml.ts';

let nimbus: StandInNimbus | undefined;
afterEach(() => nimbus?.close());

const captured = (name: string) => readFileSync(`test/fixtures/nimbus/${name}.xml`, 'utf8');

/** What differs between two answers to the same question: times, names of machines, what Java adds. */
const volatile = new Set(['MessageID', 'Address', 'Timestamp', 'CurrentTime', 'stackTrace', 'hostname', 'FaultCause']);

function comparable({ name, text, children }: XmlElement): object | undefined {
  // The hostname of a fault's detail is a machine's, that of a NIC is not.
  if (volatile.has(name) && !(name === 'hostname' && /^(pub|priv)/.test(text))) return undefined;
  const shown = children.map(comparable).filter((child) => child !== undefined);
  return { name, text: text.replace(/^\S+:(?=currentState|ResourceTermination)/, ''), children: shown };
}

async function exchange(name: string, options: Partial<StandInNimbusOptions>, service = 'WorkspaceService') {
  nimbus = await startStandInNimbus({ workspaces: capturedWorkspaces, plainCaller: alice, ...options });
  const response = await fetch(`${nimbus.url}/${service}`, { method: 'POST', body: captured(`${name}-request`) });
  return { status: response.status, root: readXml(await response.text(), 'the stand-in') };
}

describe('the stand-in of Nimbus', () => {
  it.each<[string, Partial<StandInNimbusOptions>, number]>([
    ['getrp-logistics', {}, 200],
    ['patched-getrp-logistics', { isPatched: true }, 200],
    ['query-all', {}, 200],
    ['patched-query-all', { isPatched: true }, 200],
    ['getrp-unknown', {}, 500],
    ['denied', { plainCaller: mallory }, 500],
    ['denied-unknown', { plainCaller: mallory }, 500],
    ['getrp-nokey', {}, 500],
    ['getrp-badqname', {}, 500],
  ])('answers %s as a real one did', async (name, options, status) => {
    const answer = await exchange(name, options);
    expect(answer.status).toBe(status);
    expect(comparable(answer.root)).toEqual(comparable(readXml(captured(`${name}-answer`), 'the capture')));
  });

  it('answers one who says no name as a real one did', async () => {
    nimbus = await startStandInNimbus({ workspaces: capturedWorkspaces });
    const response = await fetch(`${nimbus.url}/WorkspaceService`, { method: 'POST', body: captured('anon-request') });
    expect(response.status).toBe(500);
    expect(comparable(readXml(await response.text(), 'the stand-in'))).toEqual(comparable(readXml(captured('anon-answer'), 'the capture')));
  });

  it("lists the asker's workspaces as a real one did", async () => {
    const { status, root } = await exchange('status', { isPatched: true }, 'WorkspaceStatusService');
    expect(status).toBe(200);
    expect(comparable(root)).toEqual(comparable(readXml(captured('status-answer'), 'the capture')));
  });

  it('describes instances to the holder of a key as a real front end did, and to nobody else', async () => {
    const key = { accessKeyId: 'AliceAccessKey', secretAccessKey: 'secret', owner: alice };
    nimbus = await startStandInNimbus({ workspaces: capturedWorkspaces, keys: [key] });
    const { ec2Url } = nimbus;
    const ask = (secretAccessKey: string) => {
      const parameters = { Action: 'DescribeInstances', Version: '2009-08-15' };
      const body = signV2({ method: 'POST', url: ec2Url, parameters }, { ...key, secretAccessKey }, Date.now());
      return fetch(ec2Url, { method: 'POST', body });
    };
    const answer = readXml(await (await ask('secret')).text(), 'the stand-in');
    expect(comparable(answer)).toEqual(comparable(readXml(captured('ec2-describe-instances-answer'), 'the capture')));
    expect((await ask('guessed')).status).toBe(403);
  });
});
