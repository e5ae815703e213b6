import type { Api } from '../cli/api.ts';
import type { Operation } from '../cli/api-types.ts';
import { packFolder } from '../cli/archive.ts';
import { isFinal } from '../domain/operations.ts';
import { waitFor } from '../embedded/deadlines.ts';
import { waitForOperation } from '../embedded/fleet.ts';

const DEPLOY_TIMEOUT_MS = 5 * 60_000;
const CROWD_POLL_MS = 500;

/** Throws what the operation says when it does not succeed. */
export async function deployFolder(api: Api, app: string, folder: string): Promise<Operation> {
  return deploySource(api, app, await uploadFolder(api, folder));
}

/** The address that one build may name. */
export async function uploadFolder(api: Api, folder: string): Promise<string> {
  const { source_blob: blob } = await api.createSource();
  using archive = await packFolder(folder);
  await api.upload(blob.put_url, { path: archive.file, bytes: archive.bytes });
  return blob.get_url;
}

/** All of them at once, each of a source that was uploaded for it before. */
export async function deployTogether(api: Api, sources: ReadonlyMap<string, string>): Promise<Operation[]> {
  const builds = await Promise.all(
    [...sources].map(([app, source]) => api.createBuild(app, { source_blob: { url: source } })),
  );
  const awaited = {
    awaited: `${sources.size} deploys to end`,
    timeoutMs: DEPLOY_TIMEOUT_MS,
    intervalMs: CROWD_POLL_MS,
  };
  // One question for all of them: the machine is busy with what is measured.
  await waitFor(awaited, async () => {
    const heads = await api.operations(undefined, sources.size);
    return heads.every(({ state }) => isFinal(state) || state === 'needs-operator') ? true : null;
  });
  return Promise.all(builds.map(({ operationId }) => ended(api, operationId)));
}

async function deploySource(api: Api, app: string, sourceUrl: string): Promise<Operation> {
  const { operationId } = await api.createBuild(app, { source_blob: { url: sourceUrl } });
  return ended(api, operationId);
}

export async function scaleTo(api: Api, app: string, quantity: number): Promise<Operation> {
  const { operationId } = await api.scale(app, [{ type: 'web', quantity }]);
  return ended(api, operationId);
}

async function ended(api: Api, operationId: string | undefined): Promise<Operation> {
  if (operationId === undefined) throw new Error('the request started no operation');
  await waitForOperation(api, operationId, DEPLOY_TIMEOUT_MS, () => undefined);
  return api.operation(operationId);
}
