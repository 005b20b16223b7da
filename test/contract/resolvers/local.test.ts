import { directResolver } from '../../../src/resolvers/direct/direct-resolver.ts';
import { staticResolver } from '../../../src/resolvers/static/static-resolver.ts';
import { describeResolver, id, neverMisled } from '../resolver-suite.ts';

describeResolver('the resolver "static"', {
  resolver: () => staticResolver([{ id: id('i-1'), placement: { vmmHost: 'vmm1', domain: 'a' } }]),
  known: [['i-1', { vmmHost: 'vmm1', domain: 'a' }]],
  misled: neverMisled,
  unknown: ['i-2'],
  foreign: [],
  listed: ['i-1'],
  // A line that was taken out of the settings ends nothing.
  ends: [['i-2', undefined]],
});

describeResolver('the direct form', {
  resolver: () => directResolver(['vmm1']),
  known: [['vmm1/a', { vmmHost: 'vmm1', domain: 'a' }]],
  misled: neverMisled,
  unknown: ['vmm2/a'],
  foreign: ['i-1', 'vmm1/', 'vmm1/a/b'],
  listed: [],
  ends: [['vmm2/a', undefined]],
});
