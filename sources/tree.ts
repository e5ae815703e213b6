import { pipeline, type Readable } from 'node:stream';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';
import ignore from 'ignore';
import { DcdgetError } from '../domain/errors.ts';
import { git, gitOutput, type GitCall } from './git.ts';

/** The same tree makes the same archive, byte for byte, whoever committed it and when. */
const NOBODY = {
  GIT_AUTHOR_NAME: 'dcdget',
  GIT_AUTHOR_EMAIL: 'dcdget@localhost',
  GIT_AUTHOR_DATE: '@0 +0000',
  GIT_COMMITTER_NAME: 'dcdget',
  GIT_COMMITTER_EMAIL: 'dcdget@localhost',
  GIT_COMMITTER_DATE: '@0 +0000',
};
/** A pointer of Git LFS is a text of about 130 bytes. */
const POINTER_BYTES = { least: 100, most: 1024 };
const POINTER = 'version https://git-lfs.github.com/spec/v1\n';
const NAMED_PATHS = 3;
/** A few objects can make a tree without end: what is read of it is bounded, and for how long. */
const MAX_ENTRIES = 250_000;
const MAX_LISTING_BYTES = 64 * 1024 * 1024;
const LISTING_MS = 60_000;
const MAX_RULES_BYTES = 64 * 1024;
/** Blobs that are looked into at once, none larger than a pointer. */
const BLOBS_AT_ONCE = 5000;

type Entry = { mode: string; blob: string; bytes: number; path: string };

/** A bare repository as git is to see it: its own objects, and those that are kept apart until a push is taken. */
export type Snapshot = { repository: { path: string }; quarantine: string; signal: AbortSignal };

export type Tree = { entries: Entry[] };

/** Throws source_invalid for a tree without a file, and for one of too many. */
export async function readTree(snapshot: Snapshot, commit: string): Promise<Tree> {
  const listing = await list(snapshot, commit);
  const entries = listing.toString('utf8').split('\0').slice(0, -1).map(entryOf);
  if (entries.length > 0) return { entries };
  throw new DcdgetError('source_invalid', 'There is nothing to deploy: the commit holds no file.');
}

/** Throws invalid_params for a tag that leads to a commit: a branch cannot hold one. */
export async function assertCommit(snapshot: Snapshot, name: string): Promise<void> {
  const commit = oneLine(await git(['rev-parse', '--verify', `${name}^{commit}`], call(snapshot)));
  if (commit === name) return;
  throw new DcdgetError('invalid_params', 'An annotated tag cannot be a branch, and nothing was deployed.', {
    hint: 'Push the commit that it names: git push <remote> <tag>^{commit}:<branch>',
  });
}

async function list(snapshot: Snapshot, commit: string): Promise<Buffer> {
  const late = AbortSignal.timeout(LISTING_MS);
  const signal = AbortSignal.any([snapshot.signal, late]);
  const chunks: Buffer[] = [];
  let count = 0;
  let bytes = 0;
  try {
    for await (const chunk of gitOutput(['ls-tree', '-r', '-z', '-l', '--full-tree', commit], {
      ...call(snapshot),
      signal,
    })) {
      for (let at = chunk.indexOf(0); at !== -1; at = chunk.indexOf(0, at + 1)) count += 1;
      bytes += chunk.length;
      if (count > MAX_ENTRIES || bytes > MAX_LISTING_BYTES) throw isTooWide();
      chunks.push(chunk);
    }
  } catch (error) {
    throw late.aborted && !snapshot.signal.aborted ? isTooWide() : error;
  }
  return Buffer.concat(chunks);
}

function isTooWide(): DcdgetError {
  const most = MAX_ENTRIES.toLocaleString('en');
  return new DcdgetError('source_invalid', `The commit holds more than can be deployed: ${most} files at most.`, {
    hint: 'Leave out what is not source, such as node_modules and build results.',
  });
}

/** What people should know before the build: sentences, none when all is plain. */
export async function remarksOn(snapshot: Snapshot, { entries }: Tree): Promise<string[]> {
  const submodules = entries.filter(({ mode }) => mode === '160000').map(({ path }) => path);
  const pointers = await lfsPointers(snapshot, entries);
  return [
    ...(submodules.length === 0
      ? []
      : [`Submodules are not fetched, their folders stay empty: ${named(submodules)}`, 'Commit their files instead.']),
    ...(pointers.length === 0
      ? []
      : [
          `Files of Git LFS are not fetched, only their pointers are deployed: ${named(pointers)}`,
          'Commit the files themselves, or fetch them in the build.',
        ]),
  ];
}

/** The tree as tar.gz, without what `.slugignore` and the attribute export-ignore leave out. */
export async function archiveOf(snapshot: Snapshot, commit: string, tree: Tree): Promise<Readable> {
  const wanted = await withoutIgnored(snapshot, commit, tree);
  const env = { ...call(snapshot), env: { ...call(snapshot).env, ...NOBODY } };
  const nobodys = oneLine(await git(['commit-tree', wanted, '-m', 'source'], env));
  const gzip = createGzip();
  // What breaks the pipeline breaks the gzip, and whoever reads that.
  pipeline(gitOutput(['archive', '--format=tar', nobodys], call(snapshot)), gzip, () => undefined);
  return gzip;
}

/** How git is called in the repository. */
export function call({ repository, quarantine, signal }: Snapshot): GitCall & { env: Record<string, string> } {
  return {
    signal,
    env: {
      GIT_DIR: repository.path,
      GIT_OBJECT_DIRECTORY: join(repository.path, 'objects'),
      ...(quarantine === '' ? {} : { GIT_ALTERNATE_OBJECT_DIRECTORIES: quarantine }),
    },
  };
}

/** `100644 blob 1f2e…     131\tpath`. */
function entryOf(line: string): Entry {
  const [facts = '', path = ''] = splitOnce(line, '\t');
  const [mode = '', , blob = '', bytes = ''] = facts.split(/ +/);
  return { mode, blob, bytes: Number(bytes) || 0, path };
}

async function lfsPointers(snapshot: Snapshot, entries: readonly Entry[]): Promise<string[]> {
  const { least, most } = POINTER_BYTES;
  const small = entries.filter(({ mode, bytes }) => mode.startsWith('100') && bytes >= least && bytes <= most);
  const pointers: string[] = [];
  for (let start = 0; start < small.length; start += BLOBS_AT_ONCE) {
    pointers.push(...(await pointersAmong(snapshot, small.slice(start, start + BLOBS_AT_ONCE))));
  }
  return pointers;
}

async function pointersAmong(snapshot: Snapshot, small: readonly Entry[]): Promise<string[]> {
  const input = small.map(({ blob }) => `${blob}\n`).join('');
  const maxBytes = small.length * 2 * POINTER_BYTES.most;
  const output = await git(['cat-file', '--batch'], { ...call(snapshot), input, maxBytes });
  let offset = 0;
  return small.flatMap(({ path, bytes }) => {
    // `<blob> blob <bytes>`, the content, and a line end after each.
    const start = output.indexOf('\n', offset) + 1;
    offset = start + bytes + 1;
    return output.toString('latin1', start, start + POINTER.length) === POINTER ? [path] : [];
  });
}

/** The tree's own id when nothing is left out. */
async function withoutIgnored(snapshot: Snapshot, commit: string, { entries }: Tree): Promise<string> {
  const rules = entries.find(({ path }) => path === '.slugignore');
  if (rules === undefined) return oneLine(await git(['rev-parse', '--verify', `${commit}^{tree}`], call(snapshot)));
  if (rules.bytes > MAX_RULES_BYTES) {
    throw new DcdgetError('source_invalid', `.slugignore is larger than ${MAX_RULES_BYTES / 1024} KiB.`);
  }
  const text = (await git(['cat-file', 'blob', rules.blob], call(snapshot))).toString('utf8');
  const ignored = ignore().add(text).createFilter();
  const index = {
    ...call(snapshot),
    env: { ...call(snapshot).env, GIT_INDEX_FILE: join(snapshot.repository.path, 'index') },
  };
  const kept = entries.filter(({ path }) => ignored(path));
  const input = kept.map(({ mode, blob, path }) => `${mode} ${blob}\t${path}\0`).join('');
  await git(['update-index', '-z', '--index-info'], { ...index, input });
  return oneLine(await git(['write-tree'], index));
}

function named(paths: readonly string[]): string {
  const more = paths.length - NAMED_PATHS;
  return paths.slice(0, NAMED_PATHS).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function oneLine(output: Buffer): string {
  return output.toString('utf8').trim();
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
