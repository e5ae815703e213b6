import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.ts';
import { aptSettings, findMirrors, resolverFile, type Mirrors } from './debian.ts';
import { withLock } from './locks.ts';
import type { Say } from './progress.ts';

const SCRIPTS = join(import.meta.dirname, 'images');
const CA_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';
const SUITE = 'bookworm';
/** A script ends with the process that started it, and what the script started or mounted ends with the script. */
const CONFINED = '--pdeathsig KILL unshare --mount --propagation slave --pid --fork --kill-child --mount-proc --'.split(
  ' ',
);
const BUILD_TIMEOUT_MS = 20 * 60_000;

const SERVER_ROOT_PACKAGES =
  'systemd systemd-sysv dbus openssh-server nginx-light libnginx-mod-http-lua lua-cjson lxc iptables nftables ' +
  'conntrack iproute2 curl ca-certificates uidmap procps zstd xz-utils python3-minimal';
/** What apps run and are compiled on; `buildpacks/README.md` says for what. */
const BASE_PACKAGES =
  'ca-certificates curl git openssl xz-utils zstd bzip2 procps less nginx gcc g++ make pkg-config ' +
  'python3 python3-dev python3-pip python3-venv ruby ruby-dev bundler openjdk-17-jdk-headless ' +
  'maven libsqlite3-dev libpq-dev libffi-dev libyaml-dev libssl-dev zlib1g-dev';

export type Images = {
  /** The archive base-<version>.tar.zst, beside which base.json says {version, file, sha256, bytes}. */
  baseImage: string;
  /** The folder that is every simulated server's lowest layer; never written to. */
  serverRoot: string;
};

type Kind = 'minbase' | 'server' | 'base';

type Build = { kind: Kind; packages: string; parent?: string };

const MINBASE: Build = { kind: 'minbase', packages: '' };
const SERVER: Build = { kind: 'server', packages: SERVER_ROOT_PACKAGES };
const BASE: Build = { kind: 'base', packages: BASE_PACKAGES };

/** What an image is made with besides scripts and packages. */
type Source = { settings: string; mirrors: () => Promise<Mirrors> };

/** Makes the root file systems that are missing. What is there was made whole, from these very scripts and packages. */
export async function ensureImages(cacheFolder: string, say: Say): Promise<Images> {
  const folder = join(cacheFolder, 'images');
  const source = { settings: await aptSettings(), mirrors: findMirrors };
  const made = () => findImages(folder, source);
  const lock = { timeoutMs: BUILD_TIMEOUT_MS, busy: 'another process has been making images for too long' };
  return made() ?? withLock(join(folder, '.lock'), lock, async () => made() ?? makeImages(folder, source, say));
}

function findImages(folder: string, source: Source): Images | null {
  const serverRoot = folderOf(folder, SERVER, source);
  const baseFolder = folderOf(folder, BASE, source);
  if (!existsSync(serverRoot) || !existsSync(baseFolder)) return null;
  return { serverRoot, baseImage: join(baseFolder, baseArchive(baseFolder)) };
}

function baseArchive(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'base.json'), 'utf8')) as { file: string }).file;
}

async function makeImages(folder: string, source: Source, say: Say): Promise<Images> {
  // Under the lock nobody else builds: what is unfinished was interrupted.
  for (const unfinished of globSync('.*.tmp', { cwd: folder })) remove(join(folder, unfinished));
  const parent = await make(folder, MINBASE, source, say);
  // Their noise is alike, so only one of them tells how far it is.
  await Promise.all([
    make(folder, { ...SERVER, parent }, source, () => undefined),
    make(folder, { ...BASE, parent }, source, say),
  ]);
  remove(parent);
  const images = findImages(folder, source);
  if (!images) throw new Error('images that were just made are not there');
  return images;
}

async function make(folder: string, build: Build, source: Source, say: Say): Promise<string> {
  const target = folderOf(folder, build, source);
  if (existsSync(target)) return target;
  const unfinished = join(folder, `.${build.kind}.tmp`);
  mkdirSync(unfinished, { recursive: true });
  await run({
    command: 'setpriv',
    args: [...CONFINED, 'bash', join(SCRIPTS, `make-${build.kind}.sh`)],
    env: environmentOf(build, source.settings, await source.mirrors(), unfinished),
    timeoutMs: BUILD_TIMEOUT_MS,
    onLine: say,
  });
  renameSync(unfinished, target);
  return target;
}

function environmentOf(build: Build, settings: string, mirrors: Mirrors, target: string): NodeJS.ProcessEnv {
  return {
    PATH: `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`,
    LC_ALL: 'C.UTF-8',
    TARGET: target,
    PARENT: build.parent ?? '',
    PACKAGES: build.packages,
    SUITE,
    MIRROR: mirrors.mirror,
    SECURITY_MIRROR: mirrors.securityMirror,
    HOST_APT_CONF: settings,
    RESOLV_CONF: resolverFile(),
  };
}

/**
 * Named by all that makes its content: another script, package, setting or authority gives another
 * folder. The mirror does not count, since mirrors have the same packages.
 */
function folderOf(folder: string, { kind, packages }: Build, { settings }: Source): string {
  const hash = createHash('sha256').update(JSON.stringify([kind, SUITE, packages, settings]));
  const scripts = ['chroot.sh', 'make-minbase.sh', `make-${kind}.sh`];
  if (kind === 'server') scripts.push('split-cgroups.sh', 'split-cgroups.service');
  if (kind === 'base') scripts.push('java-trust-store');
  for (const file of [...scripts.map((name) => join(SCRIPTS, name)), CA_BUNDLE]) hash.update(readFileSync(file));
  return join(folder, `${kind}-${hash.digest('hex').slice(0, 16)}`);
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
