import { log, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import type { Archived, ArchiveInput } from '../domain/log-archive.ts';

const SERVERS_AT_ONCE = 4;
const { archiveServerLogs, expireLogs, listLogServers } = proxyActivities<
  Pick<Activities, 'archiveServerLogs' | 'expireLogs' | 'listLogServers'>
>({
  startToCloseTimeout: '6m',
  heartbeatTimeout: '8s',
  retry: { maximumAttempts: 3 },
});

/** Brings the closed log files of servers to S3; a server that cannot be asked holds up none of the others. */
export async function archiveLogs({ appId }: ArchiveInput): Promise<Archived> {
  const servers = await listLogServers();
  const all: Archived = { files: 0, bytes: 0, skipped: 0, failed: [] };
  for (let first = 0; first < servers.length; first += SERVERS_AT_ONCE) {
    const some = servers.slice(first, first + SERVERS_AT_ONCE);
    const results = await Promise.all(some.map((server) => archiveServerLogs({ server, appId })));
    for (const { files, bytes, skipped, failed } of results) {
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
}
