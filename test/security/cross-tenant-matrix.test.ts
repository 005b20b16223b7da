import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ActionName } from '../../src/ec2-query-api/actions/action.ts';
import { actions } from '../../src/ec2-query-api/actions/table.ts';
import type { Params } from '../unit/ec2-query-api/support/api-rig.ts';
import { type AnswerAboutOthers, answersAboutOthers } from './support/answers-about-others.ts';
import { goodRequests, ownValues } from './support/good-requests.ts';
import { type IdParameter, idParameters, parametersOfAllActions } from './support/id-parameters.ts';
import { startTenants, type Tenants } from './support/tenants.ts';
import { leaksIn, type Told, toldBy } from './support/told.ts';
import { ownValue, secondPlace, valuesOfOthers } from './support/values-of-others.ts';

let tenants: Tenants;
let before: ReturnType<Tenants['dump']>;
let secrets: readonly string[];

const start = async () => {
  tenants = await startTenants();
  before = tenants.dump();
  secrets = tenants.secretsFrom('visitor');
};
beforeAll(start);
afterAll(() => tenants.close());
// What one test should not have changed is not to be found by the next ones.
beforeEach(async () => {
  if (JSON.stringify(tenants.dump()) === JSON.stringify(before)) return;
  await tenants.close();
  await start();
});
afterEach(() => tenants.api.settle());

const cellOf = ({ action, parameter }: Pick<IdParameter, 'action' | 'parameter'>) => `${action} ${parameter}`;
const named = (some: readonly IdParameter[]) => some.map((cell) => [cellOf(cell), cell] as const);
const isPaged = ({ kind }: IdParameter) => kind === 'page token';
const cells = idParameters();
const dryRun: Params = { DryRun: 'true' };

/** What the table says of a parameter; a code with a `*` is for two kinds of id. */
const ruleOf = (cell: IdParameter): AnswerAboutOthers => answersAboutOthers[cellOf(cell)] ?? { absent: 'not decided' };
const codePattern = ({ absent }: AnswerAboutOthers) => new RegExp(`^${absent.replaceAll('.', '\\.').replace('*', '[A-Za-z]+')}$`);

const good = (action: string): Params => ({ Action: action, ...goodRequests(tenants.of.visitor)[action as ActionName] });

/** Asks as the visitor, and holds the answer to what is so of every answer: it tells nothing of others, and for that no host was asked. */
async function ask(params: Params, asked: readonly string[] = []): Promise<Told & { readonly hostAnswers: number }> {
  const hostAnswers = tenants.hostAnswers();
  const told = toldBy(await tenants.as('visitor', params), asked);
  expect(
    leaksIn(
      told,
      secrets.filter((secret) => !asked.some((id) => id.includes(secret))),
    ),
  ).toEqual([]);
  return { ...told, hostAnswers: tenants.hostAnswers() - hostAnswers };
}

const unchanged = () => expect(tenants.dump()).toEqual(before);

describe('the table', () => {
  test('knows of every parameter of the model what it may name', () => {
    expect(
      parametersOfAllActions()
        .filter(({ kind }) => kind === undefined)
        .map(cellOf),
    ).toEqual([]);
  });

  test('says what is answered to every one that may name what is somebody’s, and of no other', () => {
    expect(Object.keys(answersAboutOthers).sort()).toEqual(cells.map(cellOf).sort());
  });

  test('has a good request of every action', () => {
    expect(Object.keys(goodRequests(tenants.of.visitor)).sort()).toEqual(Object.keys(actions).sort());
  });
});

describe.each(named(cells.filter((cell) => !isPaged(cell))))('%s', (_name, cell) => {
  const { action, parameter, kind } = cell;
  const rule = ruleOf(cell);
  const isReference = rule.absent !== 'taken';

  test('that is the caller’s own is taken', async () => {
    const { visitor } = tenants.of;
    const request = good(action);
    const value = ownValues[cellOf(cell)]?.(visitor) ?? request[parameter] ?? ownValue(kind, visitor);
    const told = await ask({ ...request, [parameter]: value, ...dryRun }, [value]);
    expect(told.code).toBe(rule.own ?? 'DryRunOperation');
    unchanged();
  });

  test('that is another account’s is answered as one that does not exist', async () => {
    const request = good(action);
    for (const { what, foreign, missing } of valuesOfOthers(kind, tenants.of)) {
      for (const extra of isReference ? [dryRun, {}] : [dryRun]) {
        const toForeign = await ask({ ...request, [parameter]: foreign, ...extra }, [foreign]);
        const toMissing = await ask({ ...request, [parameter]: missing, ...extra }, [missing]);
        expect(toForeign, what).toEqual(toMissing);
        const endsBefore = rule.isListing === true && 'DryRun' in extra;
        if (rule.absent === 'taken' || rule.absent === 'empty' || endsBefore) {
          expect(toMissing.code, what).toBe('DryRun' in extra ? 'DryRunOperation' : undefined);
        } else {
          expect(toMissing.code, what).toMatch(codePattern(rule));
          expect(toForeign.hostAnswers, `hosts that were asked about ${what}`).toBe(0);
        }
      }
    }
    unchanged();
  });

  if (cell.isListed && isReference)
    test('that is another account’s is so beside one of the caller’s own, too', async () => {
      const { visitor } = tenants.of;
      const own = ownValues[cellOf(cell)]?.(visitor) ?? ownValue(kind, visitor);
      const request = { ...good(action), [parameter]: own };
      for (const { what, foreign, missing } of valuesOfOthers(kind, tenants.of)) {
        const toForeign = await ask({ ...request, [secondPlace(cell)]: foreign }, [own, foreign]);
        const toMissing = await ask({ ...request, [secondPlace(cell)]: missing }, [own, missing]);
        expect(toForeign, what).toEqual(toMissing);
      }
      unchanged();
    });
});

describe('several parameters at once', () => {
  const several = Object.keys(actions).filter(
    (action) => cells.filter((cell) => cell.action === action && !isPaged(cell) && ruleOf(cell).absent !== 'taken').length > 1,
  );

  test.each(several)('%s of what is all another account’s is answered as of what does not exist', async (action) => {
    const all = cells.filter((cell) => cell.action === action && !isPaged(cell));
    for (const extra of [dryRun, {}]) {
      const requests = (['foreign', 'missing'] as const).map((which) => {
        const values = all.map(({ kind, parameter }) => [parameter, valuesOfOthers(kind, tenants.of)[0]?.[which] ?? ''] as const);
        return { params: { ...good(action), ...Object.fromEntries(values), ...extra }, asked: values.map(([, value]) => value) };
      });
      const [toForeign, toMissing] = await Promise.all(requests.map(({ params, asked }) => ask(params, asked)));
      expect(toForeign?.text).toBe(toMissing?.text);
      expect(toForeign?.status).toBeGreaterThanOrEqual(400);
    }
    unchanged();
  });
});

test.each(Object.keys(actions))('%s of what is the caller’s own tells nothing of others', async (action) => {
  expect((await ask({ ...good(action), ...dryRun })).code).toBe('DryRunOperation');
  if (/^(Describe|Get|List)/.test(action)) {
    expect((await ask(good(action))).status).toBe(200);
  }
  unchanged();
});

describe.each(named(cells.filter(isPaged)))('%s', (_name, { action }) => {
  const page = { Action: action, MaxResults: '5' };
  const tokenIn = ({ text }: { readonly text: string }) => /<nextToken>([^<]+)<\/nextToken>/.exec(text)?.[1] ?? '';

  test('of another account shows no more than the caller’s own things', async () => {
    const NextToken = tokenIn(await tenants.as('neighbour', page));
    expect(NextToken).not.toBe('');
    for (const extra of [dryRun, {}]) {
      const told = await ask({ ...page, NextToken, ...extra }, [NextToken]);
      expect(told.code).toBe('DryRun' in extra ? 'DryRunOperation' : undefined);
    }
    unchanged();
  });

  test('of the caller shows the rest of the caller’s own', async () => {
    const first = await ask(page);
    const second = await ask({ ...page, NextToken: tokenIn(first) });
    expect(second.status).toBe(200);
    unchanged();
  });
});
