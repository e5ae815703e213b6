/** Where things lie in the bucket: one place, so that destroy finds what deploy wrote. */

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

export function appPrefix(appId: string): string {
  return `apps/${appId}/`;
}

/** What servers fetch, by sha256. */
export function assetKey(digest: string): string {
  return `assets/${digest}`;
}

/** An upload whose app is not known yet. */
export function uploadKey(sourceId: string): string {
  return `sources/${sourceId}.tar.gz`;
}
