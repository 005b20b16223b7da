import { lockState } from '../../src/store/sqlite/state-lock.ts';

/** A process that holds the lock of the file that it is given until it is killed; says so on standard output. */
const [file = ''] = process.argv.slice(2);
process.stdout.write(lockState(file) === undefined ? 'refused\n' : 'held\n');
setInterval(() => undefined, 60_000);
