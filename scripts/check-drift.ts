import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { execaSync } from 'execa';
import drizzleConfig from '../drizzle.config.ts';
import { generateOperations, operationsPath } from '../src/ec2-query-api/api-model/generate.ts';
import { generatedDocuments } from './generated-docs/documents.ts';

/** The generated files that are committed, each with whether it is what its generator writes now. */
const generated = [
  { path: relative(process.cwd(), operationsPath), isCurrent: () => readFileSync(operationsPath, 'utf8') === generateOperations() },
  ...generatedDocuments.map(({ path, text }) => ({
    path: relative(process.cwd(), path),
    isCurrent: () => readFileSync(path, 'utf8') === text(),
  })),
  { path: String(drizzleConfig.out), isCurrent: () => !schemaHasChanged(String(drizzleConfig.schema), String(drizzleConfig.out)) },
];

const drifted = generated.filter(({ isCurrent }) => !isCurrent());
for (const { path } of drifted) {
  console.error(`${path} is not what its generator writes. Run: npm run generate`);
}
process.exitCode = drifted.length === 0 ? 0 : 1;

/** drizzle-kit adds a migration for what the schema has and the migrations have not; on a copy, that tells. */
function schemaHasChanged(schema: string, migrations: string): boolean {
  const copy = mkdtempSync(join(tmpdir(), 'vbs-migrations-'));
  try {
    cpSync(migrations, copy, { recursive: true });
    // drizzle-kit takes only a path relative to where it runs.
    execaSync('node_modules/.bin/drizzle-kit', [
      'generate',
      '--dialect',
      'sqlite',
      '--schema',
      schema,
      '--out',
      relative(process.cwd(), copy),
    ]);
    return readdirSync(copy).length !== readdirSync(migrations).length;
  } finally {
    rmSync(copy, { recursive: true });
  }
}
