import { DcdgetError } from '../domain/errors.ts';
import type { OperationInput, StepInput } from '../domain/operations.ts';
import type { Slug } from '../domain/releases.ts';
import { slugKey } from '../objects/keys.ts';
import { idOf, releaseOf } from './context.ts';
import type { ActivityDeps } from './deps.ts';
import { run, TOKEN_VALID_MS } from './recipes.ts';

const PRESIGNED_SECONDS = 900;
const MEBIBYTE = 1024 * 1024;
/** An unpacked slug is some times its archive. */
const UNPACKED_RATIO = 6;

export function createSlugActivities(deps: ActivityDeps) {
  const { servers, signatures } = deps.store;

  return {
    /** The server has base image, ps-dock, network and room for the slug. */
    async prepareServer({ operation, subject }: StepInput): Promise<void> {
      const [server, slug] = await Promise.all([servers.reach(subject), slugOf(operation)]);
      const { image, psDock } = deps.assets;
      if (slug.imageVersion !== image.version && slug.program === undefined) {
        throw new DcdgetError('conflict', `Base image ${slug.imageVersion} is not published any more`, {
          hint: 'Deploy the app again: it is compiled for the present base image.',
        });
      }
      const tokens = {
        image: signatures.sign(`asset:${image.sha256}`, TOKEN_VALID_MS),
        psDock: signatures.sign(`asset:${psDock.sha256}`, TOKEN_VALID_MS),
      };
      await run(deps, server, 'batman/prepare-server', {
        inputs: {
          IMAGE_VERSION: image.version,
          IMAGE_SHA256: image.sha256,
          IMAGE_URL: `${deps.publicUrl}/assets/${image.sha256}`,
          IMAGE_TOKEN: tokens.image,
          PS_DOCK_SHA256: psDock.sha256,
          PS_DOCK_URL: `${deps.publicUrl}/assets/${psDock.sha256}`,
          PS_DOCK_TOKEN: tokens.psDock,
          NEEDED_MB: Math.ceil((slug.bytes * UNPACKED_RATIO) / MEBIBYTE),
        },
        lock: 'images',
        timeoutSeconds: 300,
        secrets: Object.values(tokens),
      });
    },

    async uploadSlug({ operation, subject }: StepInput): Promise<void> {
      const [server, slug] = await Promise.all([servers.reach(subject), slugOf(operation)]);
      const url = await deps.objects.presignGet(slugKey(idOf(operation), slug.digest), PRESIGNED_SECONDS);
      const { code, message } = await run<{ code?: string; message?: string }>(deps, server, 'batman/upload-slug', {
        inputs: { ...leaseOf(operation, slug), SLUG_URL: url, SLUG_BYTES: slug.bytes },
        lock: `slug-${slug.digest}`,
        timeoutSeconds: 300,
        secrets: [url],
      });
      if (code !== undefined) {
        throw new DcdgetError('source_invalid', message ?? 'The slug is refused', { server: subject });
      }
    },

    /** Undo of uploadSlug. */
    async dropLease({ operation, subject }: StepInput): Promise<void> {
      const [server, release] = await Promise.all([servers.reach(subject), releaseOf(deps, operation)]);
      if (release.slug === null) return;
      await run(deps, server, 'batman/drop-lease', {
        inputs: leaseOf(operation, release.slug),
        lock: `slug-${release.slug.digest}`,
      });
    },
  };

  async function slugOf(operation: OperationInput): Promise<Slug> {
    const { slug, version } = await releaseOf(deps, operation);
    if (slug === null) throw new DcdgetError('internal', `Release v${version} has no slug`);
    return slug;
  }
}

/** One for each operation: what fails takes back its own, not that of what serves. */
function leaseOf(operation: OperationInput, slug: Slug): { DIGEST: string; APP: string; SEQUENCE: number } {
  return { DIGEST: slug.digest, APP: operation.subject, SEQUENCE: operation.sequence };
}
