import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/drivers/command/clock.ts';
import { localHost } from '../../../src/drivers/command/local-host.ts';
import { commandResolver } from '../../../src/resolvers/command/command-resolver.ts';
import { guardResolver } from '../../../src/resolvers/guard-resolver.ts';
import { recordingLog } from '../../support/recording-log.ts';
import { ask, built, describeResolver, id, list, neverMisled } from '../resolver-suite.ts';

const host = localHost('here', systemClock);
const resolver = (argv: readonly string[], listArgv?: readonly string[]) =>
  built(commandResolver, { argv, ...(listArgv && { listArgv }) }, { host: () => host });

const lookUp = `
case "$1" in
  web) echo '{"vmmHost": "vmm1", "domain": "dom-web"}' ;;
  'a/b') echo '{"vmmHost": "vmm2", "domain": "dom-ab", "owner": "project-7"}' ;;
  stopped) echo '{"vmmHost": null, "domain": null}' ;;
  *) echo null ;;
esac`;
const listing = '{"instances": [{"id": "web", "vmmHost": "vmm1", "domain": "dom-web"}]}';
const ownedByNumber = '{"id": "web", "vmmHost": "vmm1", "domain": "dom-web", "owner": 7}';

describeResolver('the resolver "command"', {
  resolver: () => resolver(['sh', '-c', lookUp, 'sh', '{id}'], ['echo', listing]),
  known: [
    ['web', { vmmHost: 'vmm1', domain: 'dom-web' }],
    ['a/b', { vmmHost: 'vmm2', domain: 'dom-ab' }, 'project-7'],
  ],
  misled: {
    ...neverMisled,
    'about another instance': () => resolver(['sh', '-c', 'echo \'{"id": "a/b", "vmmHost": "vmm2", "domain": "dom-ab"}\'', '{id}']),
    'with an owner of another kind': () =>
      resolver(['sh', '-c', `echo '${ownedByNumber}'`, '{id}'], ['echo', `{"instances": [${ownedByNumber}]}`]),
  },
  unknown: ['i-0000000f'],
  foreign: [],
  listed: ['web'],
  ends: [['i-0000000f', 'forgotten']],
});

describe('the resolver "command"', () => {
  it('gives the id to the program as one argument, whatever is in it', async () => {
    const echo = resolver(['sh', '-c', 'printf \'{"vmmHost": "vmm1", "domain": "%s"}\' "$1"', 'sh', '--id={id}']);
    expect(await ask(echo, 'a:b.c_d-e')).toEqual({ outcome: 'resolved', placement: { vmmHost: 'vmm1', domain: '--id=a:b.c_d-e' } });
  });

  it('tells an instance that is nowhere', async () => {
    expect(await ask(resolver(['sh', '-c', lookUp, 'sh', '{id}']), 'stopped')).toMatchObject({ outcome: 'not-placed' });
  });

  it('lists nothing when the settings name no command for that', async () => {
    expect(await list(resolver(['echo', '{id}']))).toEqual([]);
  });

  it.each([
    ['garbage', ['printf', '\\001\\377 {id}'], /not JSON/],
    ['markup', ['echo', '<p>{id}</p>'], /markup that is not JSON/],
    ['JSON of another shape', ['echo', '{"host": "{id}"}'], /another shape at vmmHost/],
    ['an exit code', ['sh', '-c', 'echo no database >&2; exit 7', '{id}'], /sh on here ended with exit code 7: no database/],
    ['no program', ['/no/such/program', '{id}'], /\/no\/such\/program is not installed on here/],
    ['more than anybody wants', ['sh', '-c', 'yes {id}'], /wrote more than \d+ bytes/],
  ])('says precisely what it got when that is %s', async (_what, argv, reason) => {
    await expect(ask(resolver(argv), 'web')).rejects.toMatchObject({
      name: expect.stringMatching(/CloudUnavailable/),
      message: expect.stringMatching(reason),
    });
  });

  it('ends a program that does not end by itself', async () => {
    const endless = guardResolver(
      resolver(['sleep', '1000{id}']),
      { timeoutMs: 100, cacheMs: 0, cacheEntries: 1, breaker: { failures: 9, pauseMs: 60_000 }, ids: /./, hosts: {} },
      { clock: Date.now, log: recordingLog() },
    );
    expect(await endless.resolve(id('7'))).toMatchObject({
      outcome: 'unavailable',
      reason: expect.stringMatching(/no answer within|did not end in time/),
    });
    expect(endless.health?.()[0]?.circuit).toBe('open');
  });

  it('is refused without a place for the id, and on a host that is not there', () => {
    expect(commandResolver.schema.safeParse({ argv: ['look-up'] }).error?.issues[0]?.message).toContain('must hold {id}');
    expect(() => built(commandResolver, { argv: ['look-up', '{id}'], host: 'nowhere' })).toThrow('there is no VMM host "nowhere"');
  });
});
