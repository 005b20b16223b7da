import * as ec2 from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ActionName, MemberRule } from '../../../../src/ec2-query-api/actions/action.ts';
import { actions } from '../../../../src/ec2-query-api/actions/table.ts';
import { type ApiRig, items, type Params, startApiRig } from '../support/api-rig.ts';
import { errorOf } from '../support/fake-service.ts';
import { prepareSampleRequests } from '../support/sample-requests.ts';

let api: ApiRig;
beforeEach(async () => {
  api = await startApiRig();
});
afterEach(() => api.close());

/** The SDK's own schemas mark the members that make a request idempotent with this bit. */
const idempotencyToken = 4;

/** The actions that are served and have a token in the model, whatever it is called there. */
function actionsWithTokens(): readonly (readonly [ActionName, string])[] {
  const exported: Readonly<Record<string, unknown>> = { ...ec2 };
  const settle = (reference: unknown): unknown => (typeof reference === 'function' ? settle(reference()) : reference);
  return (Object.keys(actions) as ActionName[]).flatMap((name) => {
    const input = settle((exported[`${name}$`] as readonly unknown[])[4]) as readonly unknown[];
    const [members, references] = [input[4] as readonly string[] | undefined, input[5] as readonly unknown[] | undefined];
    return (members ?? []).flatMap((member, index) => {
      const reference = references?.[index];
      const traits: unknown = Array.isArray(reference) ? reference[1] : undefined;
      const isToken = typeof traits === 'number' ? (traits & idempotencyToken) !== 0 : member === 'ClientToken';
      return isToken ? [[name, member] as const] : [];
    });
  });
}

/** What of a request may be changed so that it asks for something else. */
const changes: Partial<Record<ActionName, Params>> = { CreateVolume: { Size: '3' }, CopyVolumes: { Size: '3' } };

test('the model gives tokens to the actions that are tested here', () => {
  expect(actionsWithTokens().map(([name]) => name)).toEqual(Object.keys(changes).sort());
});

describe.each(actionsWithTokens())('%s', (name, member) => {
  const volumeIds = async () => items((await api.ask({ Action: 'DescribeVolumes' })).volumeSet).map(({ volumeId }) => volumeId);

  test('heeds its token', () => {
    const members: Readonly<Record<string, MemberRule>> = actions[name].members;
    expect(members[member]).toBe('honoured');
  });

  test('makes one thing of any number of requests with one token, and another of another token', async () => {
    const request = { Action: name, ...(await prepareSampleRequests(api))[name] };
    const before = await volumeIds();
    const first = await api.call({ ...request, [member]: 'one' });
    await api.settle();
    const answers = await Promise.all([1, 2, 3].map(() => api.call({ ...request, [member]: 'one' })));
    const idOf = (text: string) => /<volumeId>(vol-[0-9a-f]+)/.exec(text)?.[1];
    expect(answers.map(({ text }) => idOf(text))).toEqual([1, 2, 3].map(() => idOf(first.text)));
    expect(await volumeIds()).toHaveLength(before.length + 1);
    expect(idOf((await api.call({ ...request, [member]: 'two' })).text)).not.toBe(idOf(first.text));
    await api.settle();
    expect(await volumeIds()).toHaveLength(before.length + 2);
  });

  test('refuses a token that was used for something else, and one that is malformed', async () => {
    const request = { Action: name, ...(await prepareSampleRequests(api))[name] };
    await api.ask({ ...request, [member]: 'one' });
    expect(errorOf(await api.call({ ...request, ...changes[name], [member]: 'one' }))).toMatchObject({
      code: 'IdempotentParameterMismatch',
    });
    for (const malformed of ['ü', 'x'.repeat(65)]) {
      expect(errorOf(await api.call({ ...request, [member]: malformed }))).toMatchObject({ code: 'InvalidParameterValue' });
    }
  });

  test('keeps the tokens of each action for itself', async () => {
    const samples = await prepareSampleRequests(api);
    for (const [other, itsMember] of actionsWithTokens()) {
      await api.ask({ Action: other, ...samples[other], [itsMember]: 'the same' });
    }
  });
});
