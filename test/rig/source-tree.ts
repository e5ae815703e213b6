import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const EXAMPLES = join(import.meta.dirname, '../../examples');

export type SourceTree = {
  folder: string;
  write: (file: string, text: string) => void;
  /** Replaces in a file; throws when there is nothing to replace. */
  edit: (file: string, from: string | RegExp, to: string) => void;
  /** Takes a file away. */
  drop: (file: string) => void;
  remove: () => void;
};

/** A copy of an example app that a story may change. */
export function copyExample(name: string): SourceTree {
  return copySource(join(EXAMPLES, name));
}

/** A copy of an app's source that a test may change. */
export function copySource(original: string): SourceTree {
  const name = basename(original);
  const source = emptySource(name);
  const isSource = (file: string) => !file.startsWith(join(original, 'node_modules'));
  cpSync(original, source.folder, { recursive: true, filter: isSource });
  return source;
}

/** A folder in which a test makes an app. */
export function emptySource(name = 'source'): SourceTree {
  const folder = mkdtempSync(join(tmpdir(), `dcdget-${name}-`));
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
  return {
    folder,
    write,
    edit(file, from, to) {
      const before = readFileSync(join(folder, file), 'utf8');
      const after = before.replace(from, to);
      if (after === before) throw new Error(`${file} of ${name} does not hold ${from}`);
      write(file, after);
    },
    drop: (file) => rmSync(join(folder, file)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
