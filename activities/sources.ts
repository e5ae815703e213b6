import { DcdgetError } from '../domain/errors.ts';
import type { Build } from '../domain/releases.ts';
import { uploadKey } from '../objects/keys.ts';
import { fetchArchive } from '../sources/archive.ts';
import { within, type Fetching } from '../sources/https.ts';
import { limited, MAX_SOURCE_BYTES } from '../sources/limited.ts';
import { fetchRepository } from '../sources/repository.ts';
import { archiveOf, readTree, remarksOn } from '../sources/tree.ts';
import type { ActivityDeps } from './deps.ts';

const MOST_MINUTES = 10;

export type SourceDeps = Pick<ActivityDeps, 'objects' | 'sources' | 'signal'> & {
  store: { builds: Pick<ActivityDeps['store']['builds'], 'change' | 'secret'> };
};

/** Puts the source of a build at `key`. Throws source_invalid when it cannot be had, unavailable when it may be later. */
export async function bringSource(deps: SourceDeps, build: Build, key: string): Promise<void> {
  const origin = build.origin ?? null;
  if (origin === null) return takeUpload(deps, build, key);
  const secret = await deps.store.builds.secret(build.id);
  using signal = within(deps.signal(), MOST_MINUTES);
  const fetching: Fetching = { gate: deps.sources.gate, ca: await deps.sources.ca(), signal };
  if (origin.kind === 'git') {
    const credentials = secret.kind === 'git' ? secret : null;
    await bringCommit(deps, build, key, { url: origin.url, ref: origin.ref, credentials }, fetching);
    return;
  }
  if (secret.kind !== 'archive') throw new DcdgetError('internal', `The address of build ${build.id} is not known`);
  const place = { url: secret.url, checksum: build.checksum ?? null };
  await fetchArchive(place, (archive) => deps.objects.writeStream(key, archive), fetching);
}

async function takeUpload({ objects }: SourceDeps, { sourceId }: Build, key: string): Promise<void> {
  // One upload is one app's: another build may have taken it since it was asked for.
  if ((await objects.size(uploadKey(sourceId))) === null)
    throw new DcdgetError('source_invalid', 'The uploaded source is gone', { hint: 'Upload it again.' });
  await objects.copy(uploadKey(sourceId), key);
}

async function bringCommit(
  { store, objects, sources }: SourceDeps,
  build: Build,
  key: string,
  place: Parameters<typeof fetchRepository>[0],
  fetching: Fetching,
): Promise<void> {
  const folder = await sources.scratch.open();
  const { path, commit, remove } = await fetchRepository(place, { folder, maxMb: sources.maxMb }, fetching);
  try {
    const snapshot = { repository: { path }, quarantine: '', signal: fetching.signal };
    const tree = await readTree(snapshot, commit);
    // Before the archive, since a second run finds that there and looks no further.
    await store.builds.change(build.id, { sourceVersion: commit, remarks: await remarksOn(snapshot, tree) });
    const archive = await archiveOf(snapshot, commit, tree);
    await limited(archive, (stream) => objects.writeStream(key, stream), MAX_SOURCE_BYTES);
  } finally {
    await remove();
  }
}
