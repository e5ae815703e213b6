import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Settings } from '../../config/settings.ts';
import type { Branch, Head } from '../../domain/branches.ts';
import { DcdgetError } from '../../domain/errors.ts';
import { bundleKey } from '../../objects/keys.ts';
import type { Objects } from '../../objects/objects.ts';
import { createTurns } from '../turns.ts';
import { git } from '../../sources/git.ts';
import { createScratch } from '../../sources/scratch.ts';

const HOOKS = join(import.meta.dirname, 'hooks');
const MB = 1024 * 1024;
/** The ref that every bundle holds. */
export const PUSHED_REF = 'refs/dcdget/pushed';

/** A bare repository for one request: refs from the store, objects borrowed from the app's cache. */
export type Repository = {
  path: string;
  /** The head whose objects are gone from S3: the repository is empty instead. */
  lost: Head | null;
  remove(): Promise<void>;
};

/** A bundle of a branch that is not in S3: another push has just made it needless, or it is lost. */
export class BundleMissing extends DcdgetError {
  readonly id: string;

  constructor(id: string) {
    super('unavailable', 'The repository has just changed; please try again.');
    this.id = id;
  }
}

/** What was restored of one app: its objects, the bundles they came with, and who reads them now. */
type Cached = { path: string; bundles: Set<string>; bytes: number; readers: number };

/**
 * Repositories on this machine, all of them only a cache: what counts is in the store and in S3. Restored objects
 * stay until they are together larger than the cache may be; then the app that was used longest ago goes.
 */
export function createRepositories({ folder, cacheMb, pushMb }: Settings['git'], objects: Pick<Objects, 'read'>) {
  const scratch = createScratch(folder);
  /** Least recently used first. */
  const cache = new Map<string, Cached>();
  const turns = createTurns();

  return {
    /** Throws BundleMissing, storage_failed, internal for a bundle that git does not take, and what ends `signal`. */
    async open({ appId, head }: Branch, signal: AbortSignal, lost: Head | null = null): Promise<Repository> {
      const own = await scratch.open();
      const cached = use(own, appId);
      const path = join(own, 'requests', `${randomUUID()}.git`);
      const remove = once(async () => {
        cached.readers -= 1;
        await rm(path, { recursive: true, force: true });
        await evict();
      });
      try {
        await turns.inTurn(appId, () => restore(appId, cached, head?.bundles ?? [], signal));
        await layOut(path, configFor(pushMb), head?.name ?? 'main');
        await writeFile(join(path, 'objects/info/alternates'), `${join(cached.path, 'objects')}\n`);
        if (head !== null) await writeRef(path, `refs/heads/${head.name}`, head.commit);
      } catch (error) {
        await remove();
        throw error;
      }
      return { path, lost, remove };
    },

    close: (): Promise<void> => scratch.close(),
  };

  function use(own: string, appId: string): Cached {
    const cached = cache.get(appId) ?? {
      path: join(own, 'apps', `${appId}-${randomUUID()}.git`),
      bundles: new Set<string>(),
      bytes: 0,
      readers: 0,
    };
    cached.readers += 1;
    cache.delete(appId);
    cache.set(appId, cached);
    return cached;
  }

  async function restore(
    appId: string,
    cached: Cached,
    bundles: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    // Whoever left while others had their turn.
    signal.throwIfAborted();
    await layOut(cached.path, configFor(pushMb), 'main');
    for (const id of bundles.filter((bundle) => !cached.bundles.has(bundle))) {
      cached.bytes += await apply(appId, cached.path, id, signal);
      cached.bundles.add(id);
    }
  }

  /** Adds a bundle's objects; returns how many bytes it has. */
  async function apply(appId: string, path: string, id: string, signal: AbortSignal): Promise<number> {
    const body = await objects.read(bundleKey(appId, id));
    if (body === null) throw new BundleMissing(id);
    const file = join(path, 'incoming.bundle');
    try {
      await pipeline(body, createWriteStream(file), { signal });
      await git(['--git-dir', path, 'fetch', '--quiet', '--no-tags', file, `+${PUSHED_REF}:refs/bundles/${id}`], {
        signal,
      });
      return (await stat(file)).size;
    } finally {
      await rm(file, { force: true });
    }
  }

  async function evict(): Promise<void> {
    let bytes = [...cache.values()].reduce((sum, cached) => sum + cached.bytes, 0);
    for (const [appId, cached] of cache) {
      if (bytes <= cacheMb * MB) return;
      if (cached.readers > 0) continue;
      cache.delete(appId);
      bytes -= cached.bytes;
      await rm(cached.path, { recursive: true, force: true });
    }
  }
}

/** What `git init --bare` would make, with nothing of its templates. */
async function layOut(path: string, config: string, branch: string): Promise<void> {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'info']) {
    await mkdir(join(path, folder), { recursive: true });
  }
  await writeFile(join(path, 'HEAD'), `ref: refs/heads/${branch}\n`);
  await writeFile(join(path, 'config'), config);
  // The archive of a tree is the same whatever commit it is of.
  await writeFile(join(path, 'info/attributes'), '* -export-subst\n');
}

async function writeRef(path: string, ref: string, commit: string): Promise<void> {
  await mkdir(dirname(join(path, ref)), { recursive: true });
  await writeFile(join(path, ref), `${commit}\n`);
}

/**
 * Objects are checked as they come. What is forgiven are faults of old tools that stand in the history of many
 * a public repository and harm nothing. Deltas are the pusher's work: none is looked for here, and a large file is
 * never held in memory.
 */
function configFor(pushMb: number): string {
  return `[core]
	repositoryformatversion = 0
	bare = true
	hooksPath = ${JSON.stringify(HOOKS)}
	quotePath = false
	bigFileThreshold = 32m
[http]
	receivepack = true
	uploadpack = true
	getanyfile = false
[receive]
	fsckObjects = true
	maxInputSize = ${pushMb * MB}
	unpackLimit = 1
	autogc = false
	advertisePushOptions = false
[receive "fsck"]
	badTimezone = ignore
	missingSpaceBeforeDate = ignore
	zeroPaddedFilemode = ignore
[fetch]
	unpackLimit = 1
[pack]
	window = 0
[gc]
	auto = 0
[maintenance]
	auto = false
[tar]
	umask = 0022
`;
}

function once<T>(act: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => (done ??= act());
}
