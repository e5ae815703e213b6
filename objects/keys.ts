/** Where things lie in the bucket: one place, so that destroy finds what deploy wrote. */
import { compactStamp, stampOf, type ArchivedLog } from '../domain/log-archive.ts';

const LOG_KEY = /^apps\/[^/]+\/logs\/([^/]+)\/(\d{8}T\d{6}\.\d{6}Z)_(\d{8}T\d{6}\.\d{6}Z)_([^/_]+)\.log\.zst$/;

export function sourceKey(appId: string, sourceId: string): string {
  return `apps/${appId}/sources/${sourceId}.tar.gz`;
}

/** A slug belongs to its app: destroying one app never takes another's. */
export function slugKey(appId: string, digest: string): string {
  return `apps/${appId}/slugs/${digest}.tar.zst`;
}

/** Where Packman uploads before the digest is known. */
export function freshSlugKey(appId: string, operationId: string): string {
  return `apps/${appId}/fresh/${operationId}.tar.zst`;
}

export function cacheKey(appId: string, stack: string): string {
  return `${cachePrefix(appId)}${stack}.tar.zst`;
}

export function cachePrefix(appId: string): string {
  return `apps/${appId}/cache/`;
}

/** The objects that one push brought to the app's repository; named by its operation. */
export function bundleKey(appId: string, operationId: string): string {
  return `${bundlesPrefix(appId)}${operationId}.bundle`;
}

export function bundlesPrefix(appId: string): string {
  return `apps/${appId}/git/`;
}

/** The log files of an app, or of one of its processes, `web.1`. */
export function logsPrefix(appId: string, process?: string): string {
  return `apps/${appId}/logs/${process === undefined ? '' : `${process}/`}`;
}

/** Named by what it holds, so that bringing it twice changes nothing. */
export function logKey(appId: string, { process, from, to, serverId }: Omit<ArchivedLog, 'bytes'>): string {
  return `${logsPrefix(appId, process)}${compactStamp(from)}_${compactStamp(to)}_${serverId}.log.zst`;
}

/** What a key of `logKey` names; null for any other. */
export function logOfKey(key: string): Omit<ArchivedLog, 'bytes'> | null {
  const [, process, from, to, serverId] = LOG_KEY.exec(key) ?? [];
  if (process === undefined || from === undefined || to === undefined || serverId === undefined) return null;
  return { process, from: stampOf(from), to: stampOf(to), serverId };
}

export function appPrefix(appId: string): string {
  return `apps/${appId}/`;
}

/** What servers fetch, by sha256. */
export function assetKey(digest: string): string {
  return `assets/${digest}`;
}

/** Uploads whose app is not known yet. */
export const UPLOADS_PREFIX = 'sources/';

export function uploadKey(sourceId: string): string {
  return `${UPLOADS_PREFIX}${sourceId}.tar.gz`;
}
