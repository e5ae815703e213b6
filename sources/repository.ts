import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { DcdgetError } from '../domain/errors.ts';
import { redact } from '../domain/redaction.ts';
import { git, GitFailed } from './git.ts';
import { openHttps, type Fetching } from './https.ts';

const MB = 1024 * 1024;
const LOOK_EVERY_MS = 200;
const FETCHED = 'refs/dcdget/fetched';
const SERVICE = 'info/refs?service=git-upload-pack';
const ADVERTISEMENT = 'application/x-git-upload-pack-advertisement';

export type RepositoryPlace = {
  /** https, without user or password. */
  url: string;
  /** A branch, a tag or a whole commit id; null: the default branch. */
  ref: string | null;
  /** What opens it: secrets, in no argument of a program. */
  credentials: { user: string; token: string } | null;
};

/** A bare repository with one commit and nothing of what came before it; whoever asked removes it. */
export type Fetched = { path: string; commit: string; remove(): Promise<void> };

/**
 * Fetches one commit over https into a folder of its own below `folder`. git is told the address that the gate has
 * seen, follows no redirect, asks nobody, checks what it is given, and is ended when that is larger than `maxMb`.
 * Throws source_invalid for what stays so, unavailable for what may pass.
 */
export async function fetchRepository(
  { url, ref, credentials }: RepositoryPlace,
  { folder, maxMb }: { folder: string; maxMb: number },
  fetching: Fetching,
): Promise<Fetched> {
  await assertGit();
  const authorization = credentials === null ? null : `Basic ${base64(`${credentials.user}:${credentials.token}`)}`;
  const place = await lookInto(url, authorization, fetching);
  const path = join(folder, `${randomUUID()}.git`);
  const remove = () => rm(path, { recursive: true, force: true });
  try {
    await layOut(path, place, authorization, fetching.ca);
    await fetchRef(path, place.url, ref ?? 'HEAD', { maxMb, signal: fetching.signal });
    const commit = await git(['-C', path, 'rev-parse', '--verify', '--quiet', `${FETCHED}^{commit}`]);
    return { path, commit: commit.toString('utf8').trim(), remove };
  } catch (error) {
    await remove();
    const secrets = [credentials?.token ?? '', authorization ?? ''].filter((secret) => secret !== '');
    throw told(error, url, ref, secrets);
  }
}

let known: Promise<void> | undefined;

/**
 * Throws unavailable when git is missing or older than 2.37: an older one looks the name up by itself, and may come to
 * another address than the one that was seen.
 */
export function assertGit(): Promise<void> {
  known ??= git(['version']).then((output) => {
    const [version = '0.0', major, minor] = /(\d+)\.(\d+)(?:\.\d+)*/.exec(output.toString('utf8')) ?? [];
    if (Number(major) * 1000 + Number(minor) >= 2037) return;
    throw new DcdgetError('unavailable', `The git of this worker (${version}) is too old to fetch repositories.`, {
      hint: 'An operator installs git 2.37 or later there.',
    });
  });
  // Asked again: it may be installed meanwhile.
  known.catch(() => (known = undefined));
  return known;
}

type Place = { url: string; addresses: string[]; authorization: string | null };

/** Asks as git will, since git does not tell programs why it failed; redirects are followed here, through the gate. */
async function lookInto(url: string, authorization: string | null, fetching: Fetching): Promise<Place> {
  const asked = new URL(`${url}/${SERVICE}`);
  const { response, url: at, addresses } = await openHttps(asked, authorization, fetching);
  response.destroy();
  const suffix = `/${SERVICE}`;
  if (!at.href.endsWith(suffix) || !String(response.headers['content-type']).startsWith(ADVERTISEMENT)) {
    throw new DcdgetError('source_invalid', `There is no git repository at that address of ${at.host}.`);
  }
  return {
    url: at.href.slice(0, -suffix.length),
    addresses,
    authorization: at.origin === asked.origin ? authorization : null,
  };
}

async function layOut(path: string, place: Place, authorization: string | null, ca: string | null): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await git(['init', '--quiet', '--bare', '--template=', path]);
  const caFile = join(path, 'ca.pem');
  if (ca !== null) await writeFile(caFile, [...rootCertificates, ca].join('\n'), { mode: 0o600 });
  await mkdir(join(path, 'info'), { recursive: true });
  await writeFile(join(path, 'info/attributes'), '* -export-subst\n');
  const config = configFor(place, place.authorization === null ? null : authorization, ca === null ? null : caFile);
  await writeFile(join(path, 'config'), config, { mode: 0o600 });
}

async function fetchRef(
  path: string,
  url: string,
  ref: string,
  { maxMb, signal }: { maxMb: number; signal: AbortSignal },
): Promise<void> {
  const tooMuch = new AbortController();
  const watch = setInterval(() => {
    void bytesOf(join(path, 'objects')).then((bytes) => {
      if (bytes > maxMb * MB) tooMuch.abort(tooLarge(maxMb));
    });
  }, LOOK_EVERY_MS);
  const both = AbortSignal.any([signal, tooMuch.signal]);
  try {
    // A name is never an option: both begin with a letter or a digit.
    const words = ['fetch', '--quiet', '--no-tags', '--depth=1', '--no-write-fetch-head', url, `+${ref}:${FETCHED}`];
    await git(['-C', path, ...words], { env: { GIT_ALLOW_PROTOCOL: 'https' }, signal: both });
  } catch (error) {
    if (both.aborted && both.reason instanceof DcdgetError) throw both.reason;
    throw error;
  } finally {
    clearInterval(watch);
  }
  if ((await bytesOf(join(path, 'objects'))) > maxMb * MB) throw tooLarge(maxMb);
}

/** As it grows: what is gone meanwhile counts nothing. */
async function bytesOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = names.map(async (name) => (await stat(join(folder, name)).catch(() => null))?.size ?? 0);
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}

/** The header is in this file, which nobody else reads, and not in an argument or the environment. */
function configFor({ url, addresses }: Place, authorization: string | null, caFile: string | null): string {
  const { hostname, port, origin } = new URL(url);
  const seen = addresses.map((address) => (isIP(address) === 6 ? `[${address}]` : address)).join(',');
  const isName = isIP(hostname.replace(/^\[|\]$/g, '')) === 0;
  return `[core]
	repositoryformatversion = 0
	bare = true
	hooksPath = /dev/null
	quotePath = false
	bigFileThreshold = 32m
[protocol]
	allow = never
[protocol "https"]
	allow = always
[http]
	followRedirects = false
	lowSpeedLimit = 1000
	lowSpeedTime = 30
${isName ? `	curloptResolve = ${hostname}:${port || '443'}:${seen}\n` : ''}${caFile === null ? '' : `	sslCAInfo = ${JSON.stringify(caFile)}\n`}${
    authorization === null
      ? ''
      : `[http ${JSON.stringify(`${origin}/`)}]\n	extraHeader = Authorization: ${authorization}\n`
  }[fetch]
	fsckObjects = true
	unpackLimit = 1
	recurseSubmodules = false
[fetch "fsck"]
	badTimezone = ignore
	missingSpaceBeforeDate = ignore
	zeroPaddedFilemode = ignore
[gc]
	auto = 0
[maintenance]
	auto = false
[tar]
	umask = 0022
`;
}

function told(error: unknown, url: string, ref: string | null, secrets: readonly string[]): unknown {
  if (!(error instanceof GitFailed)) return error;
  const what = ref === null ? 'The repository' : ref;
  return new DcdgetError('source_invalid', `${what} could not be fetched from ${new URL(url).host}.`, {
    output: redact(error.stderr, secrets),
    hint: 'Is it a branch, a tag or a whole commit id of the repository?',
  });
}

function tooLarge(maxMb: number): DcdgetError {
  return new DcdgetError('source_invalid', `The repository brings more than ${maxMb} MB for one commit.`, {
    hint: 'Leave out what is not source, such as node_modules and build results.',
  });
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
