import { withCleanup } from './support/cleanup.ts';
import { requireVolumes, startFilledService } from './support/filled-service.ts';
import { memoryOf } from './support/process-memory.ts';
import { figure, type Report } from './support/report.ts';

const volumeCount = 10_000;
const fullCount = 50;
const singleCount = 1_000;
const limitMB = 130;

/** What the kernel says of the service's memory after a lot of long and short answers. */
export async function benchmarkMemory(report: Report): Promise<void> {
  report.heading(`Memory of the server with ${volumeCount.toLocaleString('en')} volumes`);
  await withCleanup(async (cleanup) => {
    const { service, client, volumeIds } = await startFilledService(volumeCount, cleanup);
    const rows: (readonly string[])[] = [];
    const take = (when: string) => {
      const memory = memoryOf(service.pid);
      rows.push([when, figure(memory.residentMB), figure(memory.mostMB)]);
      return memory;
    };
    take('started');
    requireVolumes(await client.ask('DescribeVolumes'), volumeCount);
    take('after 1 full answer');
    for (let run = 1; run < fullCount; run += 1) {
      requireVolumes(await client.ask('DescribeVolumes'), volumeCount);
    }
    take(`after ${fullCount} full answers`);
    for (let run = 0; run < singleCount; run += 1) {
      requireVolumes(await client.ask('DescribeVolumes', { 'VolumeId.1': volumeIds[(run * 7) % volumeIds.length] ?? '' }), 1);
    }
    const end = take(`and ${singleCount.toLocaleString('en')} answers of one volume`);
    report.table(['MB', 'VmRSS', 'VmHWM'], rows);
    report.target('VmRSS at the end', end.residentMB, limitMB, 'MB');
    report.target('VmHWM (the most it ever had)', end.mostMB, limitMB, 'MB');
  });
}
