import { ActivityFailure, isCancellation, log, proxyActivities, TimeoutFailure } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import type { Archived, ArchiveInput } from '../domain/log-archive.ts';

const SERVERS_AT_ONCE = 4;
const POLICY = { startToCloseTimeout: '6m', heartbeatTimeout: '8s', retry: { maximumAttempts: 3 } } as const;
const { expireLogs, listLogServers } = proxyActivities<Pick<Activities, 'expireLogs' | 'listLogServers'>>(POLICY);
/** Over all attempts, so that a run can tell of it before its own time is over. */
const { archiveServerLogs } = proxyActivities<Pick<Activities, 'archiveServerLogs'>>({
  ...POLICY,
  scheduleToCloseTimeout: '8m',
});

/** Brings the closed log files of servers to S3; a server that cannot be asked holds up none of the others. */
export async function archiveLogs({ appId }: ArchiveInput): Promise<Archived> {
  const servers = await listLogServers();
  const all: Archived = { files: 0, bytes: 0, skipped: 0, failed: [] };
  for (let first = 0; first < servers.length; first += SERVERS_AT_ONCE) {
    const some = servers.slice(first, first + SERVERS_AT_ONCE);
    for (const { files, bytes, skipped, failed } of await Promise.all(some.map(archive))) {
      all.files += files;
      all.bytes += bytes;
      all.skipped += skipped;
      all.failed.push(...failed);
    }
  }
  if (all.failed.length > 0) log.warn('Log files wait on their servers', { failed: all.failed });
  if (all.skipped > 0) log.warn('Log files of no app, or of an earlier one, are left alone', { skipped: all.skipped });
  if (appId === null) await expireLogs();
  return all;

  /** Whatever becomes of it, except for a cancel. */
  async function archive(server: string): Promise<Archived> {
    try {
      return await archiveServerLogs({ server, appId });
    } catch (error) {
      if (isCancellation(error)) throw error;
      return { files: 0, bytes: 0, skipped: 0, failed: [{ server, reason: reasonOf(error) }] };
    }
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) return 'It did not finish in its time: the worker or the server went silent.';
  return cause instanceof Error ? cause.message : String(cause);
}
