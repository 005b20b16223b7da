import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { generateOperations, operationsPath } from '../src/ec2-query-api/api-model/generate.ts';

/** The generated files that are committed, with what each should hold now. */
const generatedFiles = [{ path: operationsPath, generate: generateOperations }];

const drifted = generatedFiles.filter(({ path, generate }) => readFileSync(path, 'utf8') !== generate()).map(({ path }) => path);
for (const path of drifted) console.error(`${relative(process.cwd(), path)} is not what its generator writes. Run: npm run generate`);
process.exitCode = drifted.length === 0 ? 0 : 1;
