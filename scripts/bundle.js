// Compiles the service into few files: Node reads and links some six hundred modules in half a second, and these in a fraction of that.
import { cpSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const folder = 'dist/bundle';

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
  // CommonJS packages in the bundle call require for Node's own modules.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'warning',
});
cpSync('src/store/sqlite/migrations', `${folder}/migrations`, { recursive: true });
