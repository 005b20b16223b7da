import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const models = join(dirname(fileURLToPath(import.meta.resolve('@aws-sdk/client-ec2'))), '../dist-types/models');
let sources: readonly string[] | undefined;

/** The filters that EC2's documentation tells of an action, which stands in the types of the SDK: the model itself does not name them. */
export function documentedFilters(action: string): readonly string[] {
  sources ??= readdirSync(models)
    .filter((file) => file.startsWith('models_'))
    .map((file) => readFileSync(join(models, file), 'utf8'));
  for (const source of sources) {
    const at = source.indexOf(`export interface ${action}Request {`);
    if (at < 0) continue;
    const upToFilters = source.slice(at, source.indexOf('Filters?: Filter[]', at));
    const comment = upToFilters.slice(upToFilters.lastIndexOf('/**'));
    return [...new Set([...comment.matchAll(/<p>[\s*]*<code>([A-Za-z.-]+)<\/code>/g)].map(([, name]) => name ?? ''))];
  }
  throw new Error(`the SDK's types have no request of ${action}`);
}
