import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '../config/settings.ts';
import { run } from '../embedded/commands.ts';
import { openObjects } from '../objects/objects.ts';
import { saveSlug } from '../packman/slug.ts';
import { download } from '../packman/transfer.ts';
import { onServer } from '../test/rig/machine.ts';
import type { Rig } from '../test/rig/rig.ts';
import { percentile, table } from './figures.ts';

const ROUNDS = 5;
const TIMEOUT_MS = 60_000;
const PRESIGNED_SECONDS = 900;
const MAX_MB = 1024;
const MEGABYTE = 1_000_000;

/** Megabytes of one packed slug, and megabytes of it a second (p50); `bare` is without the sha256 that is taken on the way. */
export type TransferFigures = {
  slugMb: number;
  /** Packman to the object store, beside curl. */
  upload: number;
  bareUpload: number;
  /** The object store to a file, as Packman brings sources and caches, beside curl. */
  download: number;
  bareDownload: number;
  /** The step uploadSlug: onto a server, checked and unpacked; beside curl to a file there. */
  ontoServer: number;
  bareOntoServer: number;
  cp: number;
};

/** `onServerMs` is what the step uploadSlug took when it brought this slug. */
export async function measureTransfers(
  rig: Rig,
  server: string,
  { key, onServerMs }: { key: string; onServerMs: number },
): Promise<TransferFigures> {
  const objects = openObjects(readSettings(rig.environment).objects);
  const [from, to] = [
    await objects.presignGet(key, PRESIGNED_SECONDS),
    await objects.presignPut('bench/slug.tar.zst', PRESIGNED_SECONDS),
  ];
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-bench-'));
  const [slug, copy] = [join(folder, 'slug'), join(folder, 'copy')];
  const { signal } = new AbortController();
  try {
    await download({ what: 'slug', url: from, file: slug, maxMb: MAX_MB }, signal);
    const { length } = readFileSync(slug);
    const rate = async (move: () => Promise<unknown>): Promise<number> => mbps(length, await p50(move));
    return {
      slugMb: Math.round(length / MEGABYTE),
      upload: await rate(() => saveSlug(slug, to, signal)),
      bareUpload: await rate(() => curl(`upload-file = "${slug}"`, to)),
      download: await rate(() => download({ what: 'slug', url: from, file: copy, maxMb: MAX_MB }, signal)),
      bareDownload: await rate(() => curl(`output = "${copy}"`, from)),
      ontoServer: mbps(length, onServerMs),
      bareOntoServer: await rate(() => curlOnServer(rig, server, from)),
      cp: await rate(async () => copyFileSync(slug, copy)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function transferTable(figures: TransferFigures): string {
  const row = (name: string, ours: number, bare: number) => [name, String(ours), String(bare)];
  return table([
    [`a slug of ${figures.slugMb} MB (MB/s, p50)`, 'dcdget', 'curl'],
    row('to the object store, sha256 taken', figures.upload, figures.bareUpload),
    row('from the object store, sha256 taken', figures.download, figures.bareDownload),
    row('onto a server, checked and unpacked', figures.ontoServer, figures.bareOntoServer),
    ['cp', '', String(figures.cp)],
  ]);
}

async function p50(move: () => Promise<unknown>): Promise<number> {
  const tookMs = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const began = performance.now();
    const told = await move();
    tookMs.push(typeof told === 'number' ? told : performance.now() - began);
  }
  return percentile(tookMs, 0.5);
}

async function curl(what: string, url: string): Promise<void> {
  const input = `url = "${url}"\n${what}\n`;
  await run({ command: 'curl', args: ['-fsS', '--config', '-'], input, timeoutMs: TIMEOUT_MS });
}

/** Milliseconds, as curl itself takes them. */
async function curlOnServer(rig: Rig, server: string, url: string): Promise<number> {
  const input = `url = "${url}"\noutput = "/srv/dcdget/bare.slug"\nwrite-out = "%{time_total}"\n`;
  const seconds = await onServer(rig, server, 'curl -fsS --config - && rm /srv/dcdget/bare.slug', input);
  return Number(seconds) * 1000;
}

function mbps(bytes: number, tookMs: number): number {
  return Math.round(bytes / MEGABYTE / (tookMs / 1000));
}
