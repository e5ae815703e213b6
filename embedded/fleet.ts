import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFinal } from '../domain/operations.ts';
import { DcdgetError } from '../domain/errors.ts';
import type { Role } from '../domain/servers.ts';
import type { Api } from '../cli/api.ts';
import { waitFor } from './deadlines.ts';
import type { Say } from './progress.ts';
import type { BootedServer } from './server.ts';

const RECIPES = join(import.meta.dirname, '../recipes');
const PROVISION_TIMEOUT_MS = 10 * 60_000;

/**
 * Adds the server to dcdget, as `dcdget servers:add` does; one that is there is set up again when what it is set up
 * with has changed: `stampFile` says what that was. Returns when it is ready.
 */
export async function addServer(
  api: Api,
  server: BootedServer,
  roles: Role[],
  stampFile: string,
  assetsFile: string,
  say: Say,
): Promise<void> {
  const { name, host, port, hostKey } = server;
  const stamp = digestOfSetUp(assetsFile);
  const known = (await api.servers()).find((other) => other.name === name);
  const isReady = known?.state === 'ready';
  if (isReady && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  const { operationId } = isReady
    ? await api.provisionServer(name)
    : await api.addServer({ name, host, port, user: 'root', roles, host_key: hostKey });
  if (operationId === undefined) throw new DcdgetError('internal', `adding the server ${name} started no operation`);
  await waitForOperation(api, operationId, PROVISION_TIMEOUT_MS, say);
  writeFileSync(stampFile, stamp);
}

/** Everything that a server is set up with: the recipes, and what it fetches. */
function digestOfSetUp(assetsFile: string): string {
  const hash = createHash('sha256').update(readFileSync(assetsFile));
  for (const recipe of ['server', 'nginx', 'packman'].map((folder) => join(RECIPES, folder, 'provision.sh'))) {
    hash.update(readFileSync(recipe));
  }
  return hash.digest('hex');
}

/** Throws the operation's own sentence when it does not succeed. */
export async function waitForOperation(api: Api, id: string, timeoutMs: number, say: Say): Promise<void> {
  const operation = await waitFor({ awaited: `operation ${id} to end`, timeoutMs, intervalMs: 300 }, async () => {
    const found = await api.operation(id);
    const step = found.steps.find(({ state }) => state === 'running' || state === 'retrying');
    if (step) say(`${step.step} ${step.state}, attempt ${step.attempt}${step.reason ? `: ${step.reason}` : ''}`);
    return isFinal(found.state) || found.state === 'needs-operator' ? found : null;
  });
  if (operation.state === 'succeeded') return;
  const { failure, kind, subject, state } = operation;
  const why = failure ? ` at ${failure.step}: ${failure.message}` : '';
  throw new DcdgetError('unavailable', `${kind} of ${subject} ended ${state}${why}`, {
    ...(failure?.hint ? { hint: failure.hint } : {}),
    ...(failure?.output ? { output: failure.output } : {}),
  });
}
