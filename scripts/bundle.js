// Compiles the service into few files: Node reads and links some six hundred modules in half a second, and these in a fraction of that.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const folder = 'dist/bundle';

// CommonJS packages in the bundle call require for Node's own modules.
const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: { main: 'src/main.ts', 'fork-server': 'src/drivers/command/fork-server-process.ts' },
  outdir: folder,
  bundle: true,
  // What a command does not import (the server, the EC2 client) is not read.
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Names stay, for stack traces; without the rest Node has a third less to read.
  minifyWhitespace: true,
  minifySyntax: true,
  // A native addon, and a client of which the CLI loads a small part.
  external: ['better-sqlite3', '@aws-sdk/client-ec2'],
  banner,
  logLevel: 'warning',
});
cpSync('src/store/sqlite/migrations', `${folder}/migrations`, { recursive: true });
writeFileSync(`${folder}/backends.json`, JSON.stringify(await checkedBackends('config/drivers')));

/** What the service makes of its shipped backend files, by the hash of their text (src/drivers/command/checked-patterns.ts), so that a start need not. */
async function checkedBackends(backends) {
  const program = 'dist/checked-backends.js';
  const source = `export * from './src/drivers/command/pattern-file.ts'; export * from './src/drivers/command/checked-patterns.ts';`;
  await build({ stdin: { contents: source, resolveDir: '.' }, outfile: program, bundle: true, platform: 'node', format: 'esm', banner });
  const { parsePatternFile, keyOfText } = await import(`../${program}`);
  const files = readdirSync(backends).filter((name) => name.endsWith('.yaml'));
  const texts = files.map((name) => [name, readFileSync(`${backends}/${name}`, 'utf8')]);
  const checked = Object.fromEntries(texts.map(([name, text]) => [keyOfText(text), parsePatternFile(`${backends}/${name}`, text)]));
  rmSync(program);
  return checked;
}
