import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulatedService } from '../support/simulated-service.ts';
import { runClient } from './support/run-client.ts';

let service: Awaited<ReturnType<typeof startSimulatedService>>;

beforeAll(async () => {
  service = await startSimulatedService();
});

afterAll(() => service.close());

const python = '/usr/bin/python3';

// Each is an interpreter that starts anew and loads a large library first.
const options = { timeout: 300_000 };

test('a volume lives its whole life through boto3', options, async () => {
  expect(await runClient([python, 'boto3_life.py'], service)).toBe('boto3: a whole life');
});

test.each([
  ['2', 'QuerySignatureV2AuthHandler'],
  ['4', 'HmacAuthV4Handler'],
] as const)('a volume lives its whole life through boto 2, signed with Version %s', options, async (version, signer) => {
  expect(await runClient([python, 'boto_life.py', version], service)).toBe(`boto with ${signer}: a whole life`);
});

test.each(['2', '4'])('a volume lives its whole life through Libcloud, signed with Version %s', options, async (version) => {
  expect(await runClient([python, 'libcloud_life.py', version], service)).toBe(`libcloud with signature version ${version}: a whole life`);
});

test('a volume lives its whole life through fog-aws', options, async () => {
  expect(await runClient(['/usr/bin/ruby', 'fog_life.rb'], service)).toBe('fog: a whole life');
});

// A service of its own, since the playbook looks at everything that there is.
test('a volume lives its whole life through the modules of amazon.aws in an Ansible playbook', options, async () => {
  const own = await startSimulatedService();
  try {
    expect(await runClient(['/usr/bin/ansible-playbook', 'ansible_life.yml'], own)).toMatch(/ok=\d+ .*unreachable=0 +failed=0/);
  } finally {
    await own.close();
  }
});
