import { type Complaint, checkContent, readYaml, refusal } from '../../checked-yaml/checked-yaml.ts';
import { checkPattern } from './check-pattern.ts';
import { type Pattern, patternSchemas } from './pattern.ts';

/** Reads a backend file. `file` is how complaints name it. Throws YamlRefused with everything that is wrong, not only the first thing. */
export function parsePatternFile(file: string, text: string): Pattern {
  const { content, locate } = readYaml(text, file);
  const refuse = (complaints: readonly Complaint[]): never => {
    throw refusal(complaints.map(locate));
  };
  const key = schemaKeyOf(content);
  if (key === undefined) {
    return refuse([{ path: ['kind'], reason: 'kind has to be volume-server, export-server, initiator or vmm' }]);
  }
  const checked = checkContent<(typeof patternSchemas)[keyof typeof patternSchemas]>(
    content,
    patternSchemas[key],
    'docs/adding-a-driver.md',
  );
  if ('complaints' in checked) return refuse(checked.complaints);
  const pattern: Pattern = { ...checked.value, file };
  const complaints = checkPattern(pattern);
  return complaints.length > 0 ? refuse(complaints) : pattern;
}

function schemaKeyOf(content: unknown): keyof typeof patternSchemas | undefined {
  if (typeof content !== 'object' || content === null || !('kind' in content)) return undefined;
  switch (content.kind) {
    case 'volume-server':
    case 'export-server':
    case 'initiator':
      return content.kind;
    case 'vmm':
      return 'protocol' in content ? 'vmm by protocol' : 'vmm';
    default:
      return undefined;
  }
}
