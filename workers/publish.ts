import { createHash } from 'node:crypto';
import { createReadStream, renameSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Assets } from '../activities/deps.ts';
import { readAssetFiles, readSettings } from '../config/settings.ts';
import { DcdgetError } from '../domain/errors.ts';
import { assetKey } from '../objects/keys.ts';
import { openObjects } from '../objects/objects.ts';

/** Puts what servers fetch into S3 by digest, and says which digests are the present ones. */
const settings = readSettings();
const files = readAssetFiles();
const objects = openObjects(settings.objects);
try {
  await objects.prepare();
  const assets: Assets = {
    image: { version: versionOf(files.image), sha256: await publish(files.image) },
    psDock: { sha256: await publish(files.psDock) },
    node: { sha256: await publish(files.node) },
    packman: { sha256: await publish(files.packman) },
  };
  writeFileSync(`${settings.assetsFile}.new`, `${JSON.stringify(assets, null, 2)}\n`);
  renameSync(`${settings.assetsFile}.new`, settings.assetsFile);
} finally {
  objects.close();
}

async function publish(file: string): Promise<string> {
  const digest = await digestOf(file);
  if ((await objects.size(assetKey(digest))) === null) await objects.writeFile(assetKey(digest), file);
  return digest;
}

/** `base-<version>.tar.zst` */
function versionOf(file: string): string {
  const version = /^base-([a-z]+-[a-z0-9]+)\.tar\.zst$/.exec(basename(file))?.[1];
  if (version === undefined)
    throw new DcdgetError('invalid_params', `ASSET_IMAGE ${file} is not base-<version>.tar.zst`);
  return version;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
