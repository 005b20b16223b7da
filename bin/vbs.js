#!/usr/bin/env node
const { existsSync } = require('node:fs');
const { bundle, loadBundle } = require('./load-bundle.js');

if (existsSync(bundle)) {
  const { main } = loadBundle();
  main(process.argv.slice(2));
} else {
  console.error('vbs is not built yet: run "npm ci" (or "npm run build") first');
  process.exitCode = 1;
}
