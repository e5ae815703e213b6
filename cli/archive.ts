import { execFile } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, posix, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import ignore, { type Ignore } from 'ignore';
import { create } from 'tar';
import { CliError, usageError } from './errors.ts';

/** A packed working tree; disposing of it removes the file. */
export type Archive = {
  file: string;
  bytes: number;
  fileCount: number;
  [Symbol.dispose](): void;
};

/** Never part of an app, whatever the ignore files say. */
const NEVER_PACKED: ReadonlySet<string> = new Set(['.git', '.hg', '.svn', 'node_modules', '.DS_Store']);

/**
 * Packs the folder as tar.gz, without what .gitignore files and the top .slugignore leave out. The same content makes
 * the same bytes, so that an unchanged source is not compiled again.
 */
export async function packFolder(folder: string): Promise<Archive> {
  const paths = await listFiles(folder);
  if (paths.length === 0) throw usageError(`There is nothing to deploy in ${folder}.`, 'Are all files ignored?');
  const temporary = temporaryFolder();
  const file = join(temporary.path, 'source.tar.gz');
  await writeArchive(folder, paths, file);
  return { file, bytes: statSync(file).size, fileCount: paths.length, [Symbol.dispose]: temporary.remove };
}

/** An image as it is: it is sent whole, and stays where it is. */
export async function imageFile(file: string): Promise<Archive> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile())
    throw usageError(`${file} is not a file.`, 'Write one: docker save -o FILE.tar IMAGE');
  return { file, bytes: found.size, fileCount: 1, [Symbol.dispose]: () => undefined };
}

async function writeArchive(folder: string, paths: readonly string[], file: string): Promise<void> {
  const entries = create(
    { cwd: folder, portable: true, mtime: new Date(0), noDirRecurse: true, strict: true },
    paths.map((path) => `./${path}`),
  );
  await pipeline(entries, createGzip(), createWriteStream(file));
}

/** A folder that is gone when it is removed, or with the process. */
function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'dcdget-'));
  const remove = (): void => {
    process.removeListener('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.once('exit', remove);
  return { path, remove };
}

/** The files and symbolic links of the folder that belong to the app, as sorted paths with forward slashes. */
export async function listFiles(folder: string): Promise<string[]> {
  await assertFolder(folder);
  const slugignore = await readRules(join(folder, '.slugignore'));
  const paths = await walk(folder, '', { slugignore, gitignores: [] });
  return paths.toSorted();
}

/** The commit of the folder, with `-dirty` when it has changes; undefined when it is not in git. */
export async function gitVersion(folder: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(
      'git',
      ['-C', folder, 'describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'],
      { timeout: 5_000 },
    );
    return stdout.trim() || undefined;
  } catch {
    // No git, no repository or no commit yet: the version is only a label.
    return undefined;
  }
}

/** What the top .slugignore leaves out, and what each .gitignore does below the folder it is in. */
type Rules = {
  slugignore: Ignore | undefined;
  gitignores: readonly { base: string; rules: Ignore }[];
};

async function walk(root: string, folder: string, inherited: Rules): Promise<string[]> {
  const own = await readRules(join(root, folder, '.gitignore'));
  const rules =
    own === undefined
      ? inherited
      : { ...inherited, gitignores: [...inherited.gitignores, { base: folder, rules: own }] };
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = posix.join(folder, entry.name);
      if (NEVER_PACKED.has(entry.name) || isIgnored(path, entry.isDirectory(), rules)) return [];
      if (entry.isDirectory()) return walk(root, path, rules);
      if (entry.isSymbolicLink()) await assertStaysInside(root, path);
      return entry.isFile() || entry.isSymbolicLink() ? [path] : [];
    }),
  );
  return found.flat();
}

/** The deepest .gitignore that has a word on the path decides, as in git; .slugignore only adds to it. */
function isIgnored(path: string, isFolder: boolean, { slugignore, gitignores }: Rules): boolean {
  const suffix = isFolder ? '/' : '';
  if (slugignore?.ignores(path + suffix)) return true;
  let ignored = false;
  for (const { base, rules } of gitignores) {
    const verdict = rules.test(posix.relative(base, path) + suffix);
    if (verdict.ignored) ignored = true;
    else if (verdict.unignored) ignored = false;
  }
  return ignored;
}

async function readRules(file: string): Promise<Ignore | undefined> {
  try {
    return ignore().add(await readFile(file, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR'))
      return undefined;
    throw error;
  }
}

async function assertStaysInside(root: string, path: string): Promise<void> {
  const target = await readlink(join(root, path));
  const fromRoot = relative(resolve(root), resolve(root, dirname(path), target));
  if (!isAbsolute(target) && fromRoot !== '..' && !fromRoot.startsWith('../')) return;
  throw new CliError('link_leaves_folder', `${path} is a symbolic link to ${target}, outside of what is deployed.`, {
    hint: 'Replace it by the file, or list it in .gitignore or .slugignore.',
  });
}

async function assertFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw usageError(`${folder} is not a folder.`, 'Give the folder that holds the app.');
}
