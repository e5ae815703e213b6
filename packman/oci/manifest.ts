import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { refused, shown } from '../tar-header.ts';
import { readJson, type Blob, type Blobs } from './blobs.ts';

const MAX_LAYERS = 500;
const MAX_DEPTH = 3;
const INDEX_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const MACHINE = process.arch === 'x64' ? 'amd64' : process.arch;

const Digest = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' });
const Descriptor = Type.Object({
  digest: Digest,
  size: Type.Integer({ minimum: 0 }),
  mediaType: Type.Optional(Type.String()),
  platform: Type.Optional(Type.Object({ os: Type.String(), architecture: Type.String() })),
});
type Descriptor = Static<typeof Descriptor>;
const Index = Type.Object({ manifests: Type.Array(Descriptor, { maxItems: 100 }) });
const Manifest = Type.Object({ config: Descriptor, layers: Type.Array(Descriptor, { maxItems: MAX_LAYERS }) });
const Saved = Type.Array(
  Type.Object({ Config: Type.String(), Layers: Type.Array(Type.String(), { maxItems: MAX_LAYERS }) }),
);
const Words = Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()]));
const Config = Type.Object({
  architecture: Type.String(),
  os: Type.String(),
  config: Type.Optional(
    Type.Object({
      Env: Words,
      Entrypoint: Words,
      Cmd: Words,
      WorkingDir: Type.Optional(Type.String()),
      User: Type.Optional(Type.String()),
      ExposedPorts: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
    }),
  ),
  rootfs: Type.Object({ diff_ids: Type.Array(Digest, { maxItems: MAX_LAYERS }) }),
});
export type ImageConfig = NonNullable<Static<typeof Config>['config']>;

/** Layers from the lowest up; `diffId` is the sha256 that the unpacked layer must have. */
export type Image = { config: ImageConfig; layers: { blob: Blob; diffId: string }[] };

/** The one image of this machine's kind. Each file that is named by a digest has that digest, or source_invalid is thrown. */
export async function findImage(blobs: Blobs): Promise<Image> {
  const [index, saved] = [blobs.get('index.json'), blobs.get('manifest.json')];
  if (index && blobs.has('oci-layout')) return imageOfLayout(blobs, index);
  if (saved) return imageOfSave(blobs, saved);
  throw refused('it is neither an OCI image layout nor made by docker save');
}

async function imageOfLayout(blobs: Blobs, index: Blob): Promise<Image> {
  const found = await manifestsOf(blobs, index, MAX_DEPTH);
  const [digest, ...others] = new Set(found.map((descriptor) => descriptor.digest));
  const [descriptor] = found;
  if (digest === undefined || descriptor === undefined) throw refused(`it holds no image for linux on ${MACHINE}`);
  if (others.length > 0) throw refused(`it holds ${others.length + 1} images; one can be deployed`);
  const manifest = checked(Manifest, await readJson(named(blobs, descriptor), 'manifest'), 'manifest');
  const layers = manifest.layers.map((layer) => named(blobs, layer));
  return imageOf(named(blobs, manifest.config), layers);
}

/** Those that this machine could run; what builders attest about an image names no machine. */
async function manifestsOf(blobs: Blobs, blob: Blob, depth: number): Promise<Descriptor[]> {
  if (depth === 0) throw refused('its indexes lead too deep');
  const { manifests } = checked(Index, await readJson(blob, 'index'), 'index');
  const fitting = manifests.filter(
    ({ platform }) => platform === undefined || (platform.os === 'linux' && platform.architecture === MACHINE),
  );
  const found = await Promise.all(
    fitting.map(async (descriptor) =>
      INDEX_TYPES.includes(descriptor.mediaType ?? '')
        ? manifestsOf(blobs, named(blobs, descriptor), depth - 1)
        : [descriptor],
    ),
  );
  return found.flat();
}

async function imageOfSave(blobs: Blobs, saved: Blob): Promise<Image> {
  const images = checked(Saved, await readJson(saved, 'manifest.json'), 'manifest.json');
  const [image] = images;
  if (image === undefined || images.length > 1) throw refused(`it holds ${images.length} images; one can be deployed`);
  return imageOf(
    pathed(blobs, image.Config),
    image.Layers.map((path) => pathed(blobs, path)),
  );
}

async function imageOf(configBlob: Blob, layers: readonly Blob[]): Promise<Image> {
  const { config, os, architecture, rootfs } = checked(Config, await readJson(configBlob, 'config'), 'config');
  if (os !== 'linux' || architecture !== MACHINE)
    throw refused(`it is for ${os} on ${architecture}, not for ${MACHINE}`);
  if (layers.length !== rootfs.diff_ids.length) throw refused('its config does not name as many layers as it has');
  return { config: config ?? {}, layers: layers.map((blob, at) => ({ blob, diffId: sha256Of(rootfs.diff_ids[at]) })) };
}

function sha256Of(digest = ''): string {
  return digest.slice('sha256:'.length);
}

function named(blobs: Blobs, { digest, size }: Descriptor): Blob {
  const path = `blobs/sha256/${sha256Of(digest)}`;
  const blob = blobs.get(path);
  if (blob === undefined) throw refused(`${path} is missing`);
  if (blob.sha256 !== sha256Of(digest) || blob.bytes !== size) throw refused(`${path} is not what its digest says`);
  return blob;
}

/** Of docker save: a path may hold the digest of its content, the layers are held to those of the config. */
function pathed(blobs: Blobs, path: string): Blob {
  const blob = blobs.get(path);
  if (blob === undefined) throw refused(`${shown(path)} is missing`);
  const said = /^(?:blobs\/sha256\/)?([0-9a-f]{64})(?:\.json)?$/.exec(path)?.[1];
  if (said !== undefined && said !== blob.sha256) throw refused(`${shown(path)} is not what its digest says`);
  return blob;
}

function checked<S extends TSchema>(schema: S, value: unknown, what: string): Static<S> {
  if (Value.Check(schema, value)) return value as Static<S>;
  const [wrong] = Value.Errors(schema, value);
  throw refused(`its ${what} is wrong: ${wrong?.instancePath ?? ''} ${wrong?.message ?? ''}`.trimEnd());
}
