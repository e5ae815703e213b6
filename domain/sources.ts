import { invalid } from './errors.ts';

/** Where the worker fetches the source of a build from, as people are shown it: without anything secret. */
export type Origin =
  | { kind: 'archive'; url: string }
  /** `ref` is a branch, a tag or a commit; null: the repository's default branch. */
  | { kind: 'git'; url: string; ref: string | null };

/** What belongs to an origin and is told to nobody: an archive's whole URL, or what opens a repository. */
export type OriginSecret =
  | { kind: 'archive'; url: string }
  | { kind: 'git'; user: string; token: string }
  | { kind: 'none' };

export type Sourced = { origin: Origin; secret: OriginSecret };

const MAX_URL_LENGTH = 2000;
const GIT_PATH = /^(?:\/[A-Za-z0-9._~%+@-]+)+$/;
const REF = /^[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}$/;
const CHECKSUM = /^sha256:([0-9a-f]{64})$/i;
/** Visible ASCII: it goes into a header. */
const TOKEN = /^[\x21-\x7e]{1,1000}$/;
/** What GitHub's apps want; the others take any. */
const USUAL_USER = 'x-access-token';

/** Reads `https://HOST/PATH[?QUERY]` of a tar.gz. The query may be a signature, and is shown to nobody. */
export function parseArchiveUrl(text: string, field: string): Sourced {
  const url = httpsUrl(text, field);
  if (url.username !== '' || url.password !== '') throw invalid(field, 'must not hold a user name or a password');
  url.hash = '';
  return {
    origin: { kind: 'archive', url: url.origin + url.pathname },
    secret: { kind: 'archive', url: url.href },
  };
}

/** Reads `https://[USER@]HOST/PATH` of a git repository. */
export function parseRepository(
  { url: text, ref, token }: { url: string; ref: string | null; token: string | null },
  field: string,
): Sourced {
  const url = httpsUrl(text, `${field}.url`);
  if (url.password !== '') throw invalid(`${field}.url`, `must not hold a password: it belongs into ${field}.token`);
  const path = url.pathname.replace(/\/+$/, '');
  if (url.search !== '' || url.hash !== '' || !GIT_PATH.test(path) || hasDots(path))
    throw invalid(`${field}.url`, 'must be the address of a git repository, such as https://HOST/OWNER/NAME.git');
  if (ref !== null) assertRef(ref, `${field}.ref`);
  if (token !== null && !TOKEN.test(token)) throw invalid(`${field}.token`, 'must be up to 1000 visible characters');
  return {
    origin: { kind: 'git', url: url.origin + path, ref },
    secret: token === null ? { kind: 'none' } : { kind: 'git', user: userOf(url), token },
  };
}

/** The digest in `SHA256:<hex>`, in small letters. */
export function parseChecksum(text: string, field: string): string {
  const digest = CHECKSUM.exec(text)?.[1];
  if (digest === undefined) throw invalid(field, 'must be SHA256: and 64 hexadecimal digits');
  return digest.toLowerCase();
}

/** `github.com/dcdget/hello at main`: what a release says of its source. */
export function originName(origin: Origin): string {
  const place = origin.url.replace(/^https:\/\//, '');
  return origin.kind === 'git' && origin.ref !== null ? `${place} at ${origin.ref}` : place;
}

function assertRef(ref: string, field: string): void {
  if (!REF.test(ref) || hasDots(`/${ref}`) || /(?:\/|\.|\.lock)$/.test(ref))
    throw invalid(field, 'must be a branch, a tag or a whole commit id');
}

function httpsUrl(text: string, field: string): URL {
  // oxlint-disable-next-line no-control-regex -- URL would drop them without a word
  const isPlain = text.length <= MAX_URL_LENGTH && !/[\u0000-\u0020\u007f\\]/.test(text);
  const url = isPlain && URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'https:' && url.hostname !== '') return url;
  throw invalid(field, 'must be an https:// URL');
}

function userOf({ username }: URL): string {
  const user = decodeURIComponent(username);
  return user === '' || user.includes(':') ? USUAL_USER : user;
}

function hasDots(path: string): boolean {
  return path.includes('..') || path.includes('/.') || path.includes('//');
}
