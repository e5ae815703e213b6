import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { tarOf, type Entry } from './hostile-archive.ts';

export type ImageOf = {
  /** Each as an uncompressed tar, from the lowest up. */
  layers: readonly Buffer[];
  /** Env, Entrypoint, Cmd, WorkingDir … */
  config?: Record<string, unknown>;
  compress?: 'gzip' | 'zstd';
  architecture?: string;
};

const MACHINE = process.arch === 'x64' ? 'amd64' : process.arch;

/** An OCI image layout in a tar; `change` may falsify its files by their path. */
export function layoutOf(image: ImageOf, change: (files: Map<string, Buffer>) => void = () => {}): Buffer {
  const files = new Map<string, Buffer>([['oci-layout', json({ imageLayoutVersion: '1.0.0' })]]);
  const add = (content: Buffer) => {
    files.set(`blobs/sha256/${sha256(content)}`, content);
    return { digest: `sha256:${sha256(content)}`, size: content.length };
  };
  const layers = packed(image).map((layer) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...add(layer) }));
  const manifest = add(json({ schemaVersion: 2, config: add(configOf(image)), layers }));
  const attested = {
    digest: `sha256:${'0'.repeat(64)}`,
    size: 1,
    platform: { os: 'unknown', architecture: 'unknown' },
  };
  files.set('index.json', json({ schemaVersion: 2, manifests: [{ ...manifest, mediaType: 'x' }, attested] }));
  change(files);
  return tarOfFiles(files);
}

/** What docker save wrote before it wrote layouts. */
export function savedOf(image: ImageOf, change: (files: Map<string, Buffer>) => void = () => {}): Buffer {
  const config = configOf(image);
  const layers = packed(image).map((layer, at) => [`layer${at}/layer.tar`, layer] as const);
  const manifest = [{ Config: `${sha256(config)}.json`, RepoTags: ['x:latest'], Layers: layers.map(([path]) => path) }];
  const files = new Map([[`${sha256(config)}.json`, config], ...layers, ['manifest.json', json(manifest)]]);
  change(files);
  return tarOfFiles(files);
}

export function layerOf(...entries: Entry[]): Buffer {
  return tarOf(...entries);
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function packed({ layers, compress }: ImageOf): Buffer[] {
  if (compress === undefined) return [...layers];
  return layers.map((layer) => (compress === 'gzip' ? gzipSync(layer) : zstdCompressSync(layer)));
}

function configOf({ layers, config = {}, architecture = MACHINE }: ImageOf): Buffer {
  const diff_ids = layers.map((layer) => `sha256:${sha256(layer)}`);
  return json({ os: 'linux', architecture, config, rootfs: { type: 'layers', diff_ids } });
}

function tarOfFiles(files: ReadonlyMap<string, Buffer>): Buffer {
  return tarOf(...[...files].map(([name, content]) => ({ name, content })));
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
