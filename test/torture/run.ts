import { tortureRandomOperations } from './random-operations.ts';
const report = await tortureRandomOperations({ seed: Number(process.argv[2] ?? 1), operations: Number(process.argv[3] ?? 500), clients: 16, onProgress: (n) => console.log(n) });
console.log(report.figures);
export {};
console.log(report.problems.length, report.problems.slice(0, 30).join('\n'));
