/** A file of log lines in the archive, compressed. */
export type ArchivedLog = {
  /** `web.1` */
  process: string;
  /** When its first line was written, and when it was closed: `2026-01-01T00:00:00.000000Z`. */
  from: string;
  to: string;
  serverId: string;
  bytes: number;
};

/** A file that waits on a server, as the recipe list-logs tells it. */
export type WaitingLog = {
  app: string;
  /** `web.1.log.20260101T000000.000000Z` */
  name: string;
  bytes: number;
  /** Empty where the file does not tell it. */
  from: string;
};

/** What starts a run of the archive. `appId` null: of every app, and what is too old goes. */
export type ArchiveInput = { appId: string | null };

/** What one run did, or one server of it. */
export type Archived = {
  files: number;
  /** As they are in the archive. */
  bytes: number;
  /** Files that are left alone: of no app, of one that is being destroyed, or of an earlier one of that name. */
  skipped: number;
  /** Servers of which files are left, and why; one for each app whose files could not be brought. */
  failed: { server: string; reason: string }[];
};

export const ARCHIVE_LOGS_WORKFLOW = 'archiveLogs';
export const ARCHIVE_SCHEDULE_ID = 'archive-logs';

/** One at a time for each app. */
export function archiveWorkflowId(appId: string): string {
  return `archive-logs/${appId}`;
}

const STAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/;
const WAITING_NAME = /^([a-z][a-z0-9_-]{0,29}\.\d{1,6})\.log\.(\d{8}T\d{6}\.\d{6}Z)$/;

/** Process and time of the name of a file that waits; null for another name. */
export function partsOfWaiting({ name, from }: WaitingLog): Pick<ArchivedLog, 'process' | 'from' | 'to'> | null {
  const [, process, closed] = WAITING_NAME.exec(name) ?? [];
  if (process === undefined || closed === undefined) return null;
  const to = stampOf(closed);
  return { process, from: STAMP.test(from) && from <= to ? from : to, to };
}

/** `20260101T000000.000000Z`, for names of files and objects. */
export function compactStamp(stamp: string): string {
  return stamp.replaceAll(/[-:]/g, '');
}

/** Of a compact one. */
export function stampOf(compact: string): string {
  return compact.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})/, '$1-$2-$3T$4:$5:');
}
