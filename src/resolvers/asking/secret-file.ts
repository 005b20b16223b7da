import { CloudUnavailable } from '../cloud-resolver.ts';
import { absolutePath } from './absolute-path.ts';
import { watchedFile } from './watched-file.ts';

/** The path of a file with a secret on its first line. Secrets stand in no settings file, which many may read. */
export const secretFile = absolutePath;

/** The first line of the file, as it is now. Throws CloudUnavailable when there is none. */
export function secretIn(path: string): () => string {
  const read = watchedFile(path);
  return () => {
    let text: string;
    try {
      text = read().toString('utf8');
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? 'no code';
      throw new CloudUnavailable(`the secret in ${path} cannot be read (${code})`, {
        hint: 'the file must exist and be readable by the user that the service runs as',
        cause,
      });
    }
    const [line = ''] = text.split('\n', 1);
    if (line.trim() === '') {
      throw new CloudUnavailable(`${path} has no secret on its first line`);
    }
    return line.trim();
  };
}
