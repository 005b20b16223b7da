// Compiles the service into one file: Node reads and links some six hundred modules in half a second, and this one in a fraction of that.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const folder = 'dist/bundle';

const program = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // Names stay, for stack traces; without the rest Node has a third less to read.
  minifyWhitespace: true,
  minifySyntax: true,
  // A native addon, and a client of which the CLI loads a small part.
  external: ['better-sqlite3', '@aws-sdk/client-ec2'],
  // An import when it is needed is a require: the other way needs Node's loader of modules, which is not there (bin/load-bundle.js).
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  logLevel: 'warning',
};

rmSync('dist', { recursive: true, force: true });
// In the function that Node would put around it, since to put two megabytes of text together at every start takes as much again.
const wrapped = {
  banner: { js: `(function (exports, require, module, __filename, __dirname) {${program.banner.js}` },
  footer: { js: '})' },
};
await build({ ...program, ...wrapped, entryPoints: ['src/main.ts'], outfile: `${folder}/main.cjs` });
await build({ ...program, entryPoints: ['src/drivers/command/fork-server-process.ts'], outfile: `${folder}/fork-server.cjs` });
cpSync('src/store/sqlite/migrations', `${folder}/migrations`, { recursive: true });
writeFileSync(`${folder}/backends.json`, JSON.stringify(await checkedBackends('config/drivers')));
// What the service says is shown only when it fails.
execFileSync(process.execPath, ['scripts/compile-ahead.js'], { stdio: 'pipe' });

/** What the service makes of its shipped backend files, by the hash of their text (src/drivers/command/checked-patterns.ts), so that a start need not. */
async function checkedBackends(backends) {
  const checker = 'dist/checked-backends.cjs';
  const source = `export * from './src/drivers/command/pattern-file.ts'; export * from './src/drivers/command/checked-patterns.ts';`;
  await build({ ...program, stdin: { contents: source, resolveDir: '.' }, outfile: checker });
  const { parsePatternFile, keyOfText } = await import(`../${checker}`);
  const files = readdirSync(backends).filter((name) => name.endsWith('.yaml'));
  const texts = files.map((name) => [name, readFileSync(`${backends}/${name}`, 'utf8')]);
  const checked = Object.fromEntries(texts.map(([name, text]) => [keyOfText(text), parsePatternFile(`${backends}/${name}`, text)]));
  rmSync(checker);
  return checked;
}
