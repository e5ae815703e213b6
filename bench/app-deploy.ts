import type { Api } from '../cli/api.ts';
import type { Operation } from '../cli/api-types.ts';
import { packFolder } from '../cli/archive.ts';
import { waitForOperation } from '../embedded/fleet.ts';

const DEPLOY_TIMEOUT_MS = 5 * 60_000;

/** Throws what the operation says when it does not succeed. */
export async function deployFolder(api: Api, app: string, folder: string): Promise<Operation> {
  const { source_blob: blob } = await api.createSource();
  using archive = await packFolder(folder);
  await api.upload(blob.put_url, { path: archive.file, bytes: archive.bytes });
  const { operationId } = await api.createBuild(app, blob.get_url, null);
  if (operationId === undefined) throw new Error('the build started no operation');
  await waitForOperation(api, operationId, DEPLOY_TIMEOUT_MS, () => undefined);
  return api.operation(operationId);
}
