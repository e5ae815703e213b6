import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAppJson } from '../domain/app-json.ts';
import { parseBuildpack } from '../domain/buildpacks.ts';
import { DcdgetError } from '../domain/errors.ts';
import type { ProcessSettingsByType } from '../domain/processes.ts';
import type { ImageProgram } from '../domain/releases.ts';
import { buildDiskMb } from './build-disk.ts';
import { BuildFolder } from './build-folder.ts';
import type { BuildLog } from './build-log.ts';
import type { BuildSlot } from './build-slots.ts';
import { fetchCache, saveCache } from './cache.ts';
import { closePrivateNetwork } from './closed-ports.ts';
import type { CompileRequest } from './compile-request.ts';
import { runContainer, type BuildContainer } from './container.ts';
import { ensureImage } from './image.ts';
import { compileImage } from './oci/compile-image.ts';
import { parseProcfile } from './procfile.ts';
import { parseReleaseOutput, type ReleaseOutput } from './release-output.ts';
import { removed } from './removal.ts';
import type { Settings } from './settings.ts';
import { assertSlugSize, saveSlug, type PackedSlug } from './slug.ts';
import { fetchSource } from './source.ts';
import { together } from './together.ts';

/** Of a Procfile, an app.json, a bin/release: build.sh cuts one byte above it. */
const MAX_DECLARED_BYTES = 64 * 1024;

/** A slug that was made and sent, or that the app had before from the same source and buildpacks. */
export type Compiled = ({ outcome: 'made' } & Made) | { outcome: 'known' };

type Made = PackedSlug & {
  processTypes: Record<string, string>;
  configDefaults: Record<string, string>;
  processSettings: ProcessSettingsByType;
  /** Names of the buildpacks, in order. */
  buildpack: string;
  /** Commit or sha256 of each, - for our own. */
  buildpackVersions: string;
  /** Of an OCI image. */
  program?: ImageProgram;
};

/**
 * Compiles one app in a container of its own; whatever happens, nothing of the build is left on the server when its slot is
 * free again, but what could not be removed in several attempts.
 */
export async function compile(
  settings: Settings,
  slot: BuildSlot,
  request: CompileRequest,
  log: BuildLog,
  cancelled: AbortSignal,
): Promise<Compiled> {
  if (request.source.kind === 'image') return flattenImage(settings, slot, request, log, cancelled);
  await closePrivateNetwork(settings, request, resolvConf());
  const rootfs = await ensureImage(settings, request.imageVersion, request.image, cancelled);
  const diskMb = await buildDiskMb(settings.buildsFolder, settings.limits);
  const folder = await BuildFolder.make(settings.buildsFolder, diskMb);
  try {
    return await compileIn(folder, settings, slot.number, rootfs, diskMb, request, log, cancelled);
  } finally {
    // Whoever asked for the build does not wait for it, only the next one in its slot.
    slot.keepFor(removed(folder));
  }
}

/** Runs nothing of the image: there is no container. */
async function flattenImage(
  { buildsFolder, limits }: Settings,
  slot: BuildSlot,
  request: CompileRequest,
  log: BuildLog,
  cancelled: AbortSignal,
): Promise<Compiled> {
  const diskMb = await buildDiskMb(buildsFolder, limits);
  const folder = await BuildFolder.make(buildsFolder, diskMb);
  try {
    const image = await compileImage(request.source, folder.disk, { ...limits, diskMb }, log, cancelled);
    const slug = await saveSlug(image.slugFile, request.slug.putUrl, cancelled);
    return {
      outcome: 'made',
      ...slug,
      processTypes: { web: image.command },
      configDefaults: image.configDefaults,
      processSettings: {},
      buildpack: 'image',
      buildpackVersions: '',
      program: image.program,
    };
  } finally {
    slot.keepFor(removed(folder));
  }
}

async function compileIn(
  folder: BuildFolder,
  settings: Settings,
  slot: number,
  rootfs: string,
  diskMb: number,
  request: CompileRequest,
  log: BuildLog,
  cancelled: AbortSignal,
): Promise<Compiled> {
  const { limits } = settings;
  log.step(`Building on the ${request.stack} stack, base image ${request.imageVersion}`);
  const [cacheDigest] = await together(cancelled, (signal) => [
    fetchCache(request.cache, join(folder.given, 'cache.tar.zst'), limits.cacheMb, log, signal),
    fetchSource(request.source, join(folder.given, 'source.tar.gz'), { ...limits, diskMb }, signal),
    folder.giveParameters(parametersOf(request), buildpackLines(request.buildpacks ?? []), request.environment ?? {}),
  ]);
  const stage = await build(containerOf(folder, settings, slot, rootfs), limits.timeoutMs, log, cancelled);
  if (stage === 'known') return { outcome: 'known' };
  const slugFile = join(folder.made, 'slug.tar.zst');
  await assertSlugSize(slugFile, limits.slugMb, log);
  const declarations = await readDeclarations(folder.made, log);
  const [slug] = await together(cancelled, (signal) => [
    saveSlug(slugFile, request.slug.putUrl, signal),
    saveCache(request.cache, join(folder.made, 'cache.tar.zst'), cacheDigest, limits.cacheMb, log, signal),
  ]);
  return { outcome: 'made', ...slug, ...declarations };
}

function parametersOf(request: CompileRequest): Record<string, string> {
  return {
    STACK: request.stack,
    IMAGE_VERSION: request.imageVersion,
    SOURCE_VERSION: request.sourceVersion ?? '',
    BUILT_WITH: request.builtWith ?? '',
  };
}

/** What build.sh reads of each: the name of its cache, its kind, where it is, its ref. */
function buildpackLines(buildpacks: readonly string[]): string[] {
  return buildpacks.map((text) => {
    const buildpack = parseBuildpack(text);
    if (buildpack.kind === 'own') return `${buildpack.name} own ${buildpack.name}`;
    // Another branch or commit of the same may use what this one left.
    const cacheName = `at-${createHash('sha256').update(buildpack.url).digest('hex').slice(0, 16)}`;
    if (buildpack.kind === 'archive') return `${cacheName} archive ${buildpack.url}`;
    return `${cacheName} git ${buildpack.url} ${buildpack.ref ?? ''}`.trimEnd();
  });
}

function containerOf(folder: BuildFolder, settings: Settings, slot: number, rootfs: string): BuildContainer {
  const { bundleFolder, network, limits } = settings;
  const { parent: lxcPath, disk, given, made, containerName: name } = folder;
  const address = addressOf(network.firstAddress, slot);
  return {
    name,
    lxcPath,
    rootfs,
    disk,
    given,
    made,
    bundleFolder,
    resolvConf: resolvConf(),
    network: { ...network, address, device: `dcdbuild${slot}` },
    limits,
  };
}

/** Runs the container within the time a build may take; throws build_failed with what went wrong in it. */
async function build(
  container: BuildContainer,
  timeoutMs: number,
  log: BuildLog,
  cancelled: AbortSignal,
): Promise<'done' | 'known'> {
  const minutes = Math.round(timeoutMs / 6000) / 10;
  const late = new DcdgetError('build_failed', `The build took longer than ${minutes} minutes and was stopped.`);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(late), timeoutMs);
  try {
    const status = await runContainer(container, log, AbortSignal.any([cancelled, deadline.signal]));
    await assertPlainFiles(container.made);
    const stage = (await textOf(container.made, 'stage')).trim();
    if (stage === 'done' || stage === 'known') return stage;
    throw await failureOf(container.made, status, log);
  } finally {
    clearTimeout(timer);
  }
}

/** Root reads these files: a link among them would lead to one of the server's own. */
async function assertPlainFiles(made: string): Promise<void> {
  for (const entry of await readdir(made, { withFileTypes: true })) {
    if (!entry.isFile()) throw new DcdgetError('build_failed', 'The build left something other than files.');
  }
}

async function failureOf(made: string, status: number, log: BuildLog): Promise<DcdgetError> {
  const sentence = (await textOf(made, 'failure')).trim();
  const stage = (await textOf(made, 'stage')).trim();
  if (sentence !== '') return new DcdgetError('build_failed', (stage === 'compile' && log.complaint) || sentence);
  return new DcdgetError('build_failed', `The build was killed (status ${status}) in its ${stage} stage.`);
}

async function readDeclarations(made: string, log: BuildLog): Promise<Omit<Made, keyof PackedSlug>> {
  const buildpacks = (await textOf(made, 'buildpacks')).trim().split('\n');
  const defaults = await readReleaseOutputs(made, buildpacks);
  const hasProcfile = existsSync(join(made, 'Procfile'));
  const ofProcfile = hasProcfile ? parseProcfile(await declared(made, 'Procfile', 'The Procfile')) : {};
  const processTypes = { ...defaults.processTypes, ...ofProcfile };
  log.step('Discovering process types');
  if (hasProcfile) log.note(`Procfile declares types -> ${shown(ofProcfile)}`);
  const title = (await textOf(made, 'titles')).trim().split('\n').at(-1);
  if (!hasProcfile) log.note(`Default types for ${title} -> ${shown(processTypes)}`);
  if (Object.keys(processTypes).length === 0) {
    throw new DcdgetError(
      'build_failed',
      'Nothing says how to start the app: add a Procfile with a line such as `web: COMMAND`.',
    );
  }
  return {
    processTypes,
    configDefaults: defaults.configDefaults,
    processSettings: await readProcessSettings(made, Object.keys(processTypes), log),
    buildpack: buildpacks.join(', '),
    buildpackVersions: (await textOf(made, 'versions')).trim(),
  };
}

/** The last buildpack says how to start the app; config vars are those of all, of the later one where two have the same. */
async function readReleaseOutputs(made: string, buildpacks: readonly string[]): Promise<ReleaseOutput> {
  const outputs = [];
  for (const [index, name] of buildpacks.entries()) {
    const printed = await declared(made, `release.${index}.yml`, `What bin/release of ${name} prints`);
    outputs.push(parseReleaseOutput(printed));
  }
  return {
    processTypes: outputs.at(-1)?.processTypes ?? {},
    configDefaults: Object.assign({}, ...outputs.map(({ configDefaults }) => configDefaults)) as Record<string, string>,
  };
}

async function readProcessSettings(made: string, types: string[], log: BuildLog): Promise<ProcessSettingsByType> {
  if (!existsSync(join(made, 'app.json'))) return {};
  const { settings, notes } = parseAppJson(await declared(made, 'app.json', 'app.json'));
  for (const note of notes) log.note(note);
  const unknown = Object.keys(settings).filter((type) => !types.includes(type));
  if (unknown.length > 0) log.note(`app.json: no process type is called ${unknown.join(', ')}`);
  const known = Object.entries(settings).filter(([type]) => types.includes(type));
  if (known.length > 0) log.note(`app.json has settings of -> ${known.map(([type]) => type).join(', ')}`);
  return Object.fromEntries(known);
}

/** What the container cut off is more than is read. */
async function declared(made: string, name: string, title: string): Promise<string> {
  const content = await textOf(made, name);
  if (Buffer.byteLength(content) <= MAX_DECLARED_BYTES) return content;
  throw new DcdgetError('build_failed', `${title} is larger than ${MAX_DECLARED_BYTES / 1024} KiB.`);
}

function shown(types: Record<string, string>): string {
  return Object.keys(types).join(', ') || '(none)';
}

async function textOf(made: string, name: string): Promise<string> {
  return existsSync(join(made, name)) ? readFile(join(made, name), 'utf8') : '';
}

/** A resolver that listens on the server alone is no use in a container; behind it is a file with the real ones. */
function resolvConf(): string {
  const behindStub = '/run/systemd/resolve/resolv.conf';
  return existsSync(behindStub) ? behindStub : '/etc/resolv.conf';
}

function addressOf(firstAddress: string, slot: number): string {
  const parts = firstAddress.split('.');
  return [...parts.slice(0, 3), Number(parts[3]) + slot].join('.');
}
