import type { App } from '../domain/apps.ts';
import { DcdgetError } from '../domain/errors.ts';
import { partsOfWaiting, type Archived, type WaitingLog } from '../domain/log-archive.ts';
import type { Server } from '../domain/servers.ts';
import { logKey, logOfKey, logsPrefix } from '../objects/keys.ts';
import type { ActivityDeps } from './deps.ts';
import { run } from './recipes.ts';

const LIST_MAX = 100;
/** What is left after it waits for the next run. */
const SPEND_MS = 4 * 60_000;
/** Longer than the recipe may take. */
const URL_VALID_SECONDS = 180;
const DAY_MS = 86_400_000;
const APPS_AT_ONCE = 8;
/** How far the clocks of two machines may be apart. */
const CLOCKS_MS = 5 * 60_000;

type Listing = { files: WaitingLog[]; more: boolean };

export function createLogArchiveActivities(deps: ActivityDeps) {
  const { apps, servers } = deps.store;
  const { objects } = deps;

  return {
    /** Names of the servers that may have log files. */
    async listLogServers(): Promise<string[]> {
      const all = await servers.list();
      return all.filter(({ state, roles }) => state === 'ready' && roles.includes('app')).map(({ name }) => name);
    },

    /** Brings what waits on a server to S3, oldest first; a file leaves the server once S3 has all of it. */
    async archiveServerLogs({ server: name, appId }: { server: string; appId: string | null }): Promise<Archived> {
      const done: Archived = { files: 0, bytes: 0, skipped: 0, failed: [] };
      try {
        await archiveAll(await servers.get(name), appId, done);
      } catch (error) {
        if (isCancelled(error)) throw error;
        // What is left waits for the next run, and what was done is told.
        done.failed.push({ server: name, reason: reasonOf(error) });
      }
      return done;
    },

    /** Removes what is older than the retention; tells how many files. What is there stays once nothing is archived. */
    async expireLogs(): Promise<number> {
      if (deps.logArchiveDays === 0) return 0;
      const oldest = new Date(Date.now() - deps.logArchiveDays * DAY_MS).toISOString();
      const all = await apps.list();
      let removed = 0;
      for (let first = 0; first < all.length; first += APPS_AT_ONCE) {
        const counts = await Promise.all(all.slice(first, first + APPS_AT_ONCE).map((app) => expire(app, oldest)));
        removed += counts.reduce((sum, count) => sum + count, 0);
      }
      return removed;
    },
  };

  async function archiveAll(server: Server, appId: string | null, done: Archived): Promise<void> {
    const endsAt = Date.now() + SPEND_MS;
    const failed = new Set<string>();
    /** They are passed over by the next listing, so that they hide nothing that comes after them. */
    let left = 0;
    for (;;) {
      const { files, more } = await waitingOn(server, appId, left);
      // After the listing: a file of an app that is gone is not on the server either, so none is taken for another's.
      const owners = await ownersOf(files);
      for (const file of files) {
        if (Date.now() > endsAt) return;
        if (!(await bring(file, owners.get(file.app) ?? null))) left += 1;
      }
      if (!more) return;
    }

    /** Whether the file left the server. One that fails holds up those of its app, and of no other one. */
    async function bring(file: WaitingLog, owner: App | null): Promise<boolean> {
      if (failed.has(file.app)) return false;
      const key = keyOf(server, file, owner);
      if (key === null) {
        done.skipped += 1;
        return false;
      }
      try {
        const bytes = await archive(server, file, key);
        if (bytes === null) return false;
        done.files += 1;
        done.bytes += bytes;
        return true;
      } catch (error) {
        if (isCancelled(error)) throw error;
        failed.add(file.app);
        done.failed.push({ server: server.name, reason: `${file.app}: ${reasonOf(error)}` });
        return false;
      }
    }
  }

  async function waitingOn(server: Server, appId: string | null, skip: number): Promise<Listing> {
    const app = appId === null ? null : await apps.get(appId);
    const inputs = { APP: app?.name ?? '', MAX: LIST_MAX, SKIP: skip };
    return run<Listing>(deps, server, 'batman/list-logs', { inputs, lock: 'logs' });
  }

  async function ownersOf(files: readonly WaitingLog[]): Promise<Map<string, App | null>> {
    const names = [...new Set(files.map(({ app }) => app))];
    return new Map(await Promise.all(names.map(async (name) => [name, await apps.find(name)] as const)));
  }

  /** Bytes in the archive, null when the file is gone or has changed. */
  async function archive(server: Server, file: WaitingLog, key: string): Promise<number | null> {
    const url = await objects.presignPut(key, URL_VALID_SECONDS);
    const inputs = { APP: file.app, FILE: file.name, BYTES: file.bytes };
    // That of the app's removal: what is removed with its app is not in the archive afterwards.
    const lock = `app-${file.app}`;
    const { uploaded, bytes = 0 } = await run<{ uploaded: boolean; bytes?: number }>(
      deps,
      server,
      'batman/archive-log',
      {
        inputs: { ...inputs, URL: url },
        lock,
        secrets: [url],
      },
    );
    if (!uploaded) return null;
    const arrived = await objects.size(key);
    if (arrived !== bytes) {
      throw new DcdgetError(
        'storage_failed',
        `The archive has ${arrived ?? 'nothing'} of ${bytes} bytes of ${file.name}`,
      );
    }
    const { removed } = await run<{ removed: boolean }>(deps, server, 'batman/remove-log', { inputs, lock });
    return removed ? bytes : null;
  }

  async function expire({ id }: App, oldest: string): Promise<number> {
    const keys = (await objects.listAll(logsPrefix(id))).map(({ key }) => key);
    const old = keys.filter((key) => (logOfKey(key)?.to ?? oldest) < oldest);
    await objects.remove(old);
    return old.length;
  }
}

function isCancelled(error: unknown): boolean {
  return error instanceof DcdgetError && error.code === 'cancelled';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Null for a file of no app, of one that goes, or of an earlier one of the name: it is left alone. */
function keyOf({ id: serverId }: Server, file: WaitingLog, app: App | null): string | null {
  const parts = partsOfWaiting(file);
  if (parts === null || app === null || app.state === 'destroying' || !isOf(app, parts.from)) return null;
  return logKey(app.id, { ...parts, serverId });
}

/** A folder that could not be removed with its app may be there still when another one takes the name. */
function isOf({ createdAt }: App, from: string): boolean {
  return Date.parse(from) >= createdAt.getTime() - CLOCKS_MS;
}
