#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { bundle, loadBundle } from './load-bundle.js';

if (existsSync(bundle)) {
  const { main } = loadBundle();
  await main(process.argv.slice(2));
} else {
  console.error('vbs is not built yet: run "npm ci" (or "npm run build") first');
  process.exitCode = 1;
}
