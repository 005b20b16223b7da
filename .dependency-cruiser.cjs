/** The import table of docs/architecture.md, as rules. Each folder names what it may import of our own code; everything else is refused. */
const allowed = {
  model: [],
  saga: ['model'],
  'http-server': [],
  telemetry: ['model', 'http-server'],
  'checked-yaml': [],
  sharing: [],
  settings: ['model', 'checked-yaml'],
  drivers: ['model', 'telemetry', 'checked-yaml'],
  resolvers: ['model', 'sharing', 'drivers/command', 'telemetry'],
  store: ['model', 'saga', 'sharing'],
  blockstore: [
    'model',
    'saga',
    'telemetry',
    'sharing',
    'store/store',
    'drivers/(thing|volume-server|export-server|initiator|vmm|engine|driver-error)\\.ts',
    'resolvers/cloud-resolver',
  ],
  'ec2-query-api': ['model', 'sharing', 'blockstore/(?!sagas/)', 'settings', 'telemetry', 'http-server'],
  cli: ['model', 'blockstore/(?!sagas/)', 'settings', 'telemetry'],
};

const folderRules = Object.entries(allowed).map(([folder, targets]) => ({
  name: `${folder}-imports`,
  comment: `src/${folder} may import only: ${targets.join(', ') || 'nothing'}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: [`^src/${folder}/`, ...targets.map((target) => `^src/${target}`)] },
}));

const only = (name, packagePattern, ...places) => ({
  name,
  severity: 'error',
  from: { path: '^src/', pathNot: places },
  to: { path: packagePattern },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: ['^src/main\\.ts$', 'generate\\.ts$'] },
      to: {},
    },
    ...folderRules,
    only('processes-only-in-drivers-command', '^(node_modules/execa|child_process$)', '^src/drivers/command/'),
    only('express-only-in-endpoint-files', '^node_modules/(@types/)?express/', 'endpoint\\.ts$'),
    only('sqlite-only-in-store', '^node_modules/(better-sqlite3|@types/better-sqlite3|drizzle-orm)/', '^src/store/'),
    only('prom-client-only-in-telemetry', '^node_modules/prom-client/', '^src/telemetry/'),
    only('sdk-only-in-generate-and-cli', '^node_modules/@aws-sdk/', '^src/ec2-query-api/api-model/generate\\.ts$', '^src/cli/'),
    only('xml2js-only-in-wire-and-resolvers-xml', '^node_modules/(@types/)?xml2js/', '^src/ec2-query-api/wire/', '^src/resolvers/xml/'),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
