import { writeFileSync } from 'node:fs';
import { generatedDocuments } from './generated-docs/documents.ts';

for (const { path, text } of generatedDocuments) {
  writeFileSync(path, text());
}
