import { invalid } from './errors.ts';

export const MAX_BUILDPACKS = 10;

/** A buildpack of an app: one of our own by its name, or one that its build fetches. */
export type Buildpack =
  | { kind: 'own'; name: string }
  /** `ref` is a branch, a tag or a commit; null: the repository's default branch. */
  | { kind: 'git'; url: string; ref: string | null }
  | { kind: 'archive'; url: string };

const OWN = /^(?:urn:buildpack:)?(?:(?:heroku|dcdget)\/)?([a-z][a-z0-9-]{0,40})$/;
/** No user name or password: they would be in every log. No query: a presigned URL is a secret, and ends. */
const PLACE = /^https:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})(?::[1-9][0-9]{0,4})?(?:\/[A-Za-z0-9._~%+@-]+)+\/?$/;
const REF = /^[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}$/;
const ARCHIVE = /\.(?:tar\.gz|tgz|tar|tar\.xz|tar\.zst|tar\.bz2)$/;
const COMMIT = /^[0-9a-f]{40}$/;

/**
 * Reads `heroku/nodejs`, `nodejs`, `https://HOST/PATH[#REF]` (git) or `https://HOST/PATH.tgz`.
 * Throws invalid_params for anything else.
 */
export function parseBuildpack(text: string, field = 'buildpack'): Buildpack {
  const name = OWN.exec(text)?.[1];
  if (name !== undefined) return { kind: 'own', name };
  const hash = text.indexOf('#');
  const [url, ref] = hash === -1 ? [text, null] : [text.slice(0, hash), text.slice(hash + 1)];
  if (url.length > 500 || !PLACE.test(url) || hasDots(url.replace(/^https:\/\/[^/]+/, '')))
    throw invalid(
      field,
      'must be a name such as heroku/nodejs, or the https address of a git repository or a tar archive, without credentials',
    );
  if (ARCHIVE.test(url)) {
    if (ref !== null) throw invalid(field, 'names a part of a tar archive with #, which only a git repository has');
    return { kind: 'archive', url };
  }
  if (ref !== null && (!REF.test(ref) || hasDots(`/${ref}`)))
    throw invalid(field, 'names something after # that is no branch, tag or commit');
  return { kind: 'git', url, ref };
}

/** The one way in which a buildpack is written down and shown. */
export function buildpackName(buildpack: Buildpack): string {
  switch (buildpack.kind) {
    case 'own':
      return `heroku/${buildpack.name}`;
    case 'archive':
      return buildpack.url;
    case 'git':
      return buildpack.ref === null ? buildpack.url : `${buildpack.url}#${buildpack.ref}`;
  }
}

/** Whether it is the same whenever it is fetched, so that nobody has to look. */
export function isPinned(buildpack: Buildpack): boolean {
  return buildpack.kind === 'own' || (buildpack.kind === 'git' && buildpack.ref !== null && COMMIT.test(buildpack.ref));
}

function hasDots(path: string): boolean {
  return path.includes('..') || path.includes('/.') || path.includes('//');
}
