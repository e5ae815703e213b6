import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NotFound,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  type _Object,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Settings } from '../config/settings.ts';
import { DcdgetError } from '../domain/errors.ts';

/** S3 takes twice as many. */
const REMOVED_AT_ONCE = 500;

export type StoredObject = { key: string; bytes: number };

export type Objects = ReturnType<typeof openObjects>;

/** S3: slugs, sources, caches and what servers fetch. Every failure is storage_failed, which is retried. */
export function openObjects(settings: Settings['objects']) {
  const { bucket } = settings;
  const client = createClient(settings, settings.endpoint);
  const signer = createClient(settings, settings.publicEndpoint);

  return {
    /** Makes the bucket when missing. */
    prepare: () =>
      guarded('prepare', bucket, async () => {
        try {
          await client.send(new HeadBucketCommand({ Bucket: bucket }));
        } catch (error) {
          if (!isMissing(error)) throw error;
          await client.send(new CreateBucketCommand({ Bucket: bucket }));
        }
      }),

    ping: () =>
      guarded('reach', bucket, async () => void (await client.send(new HeadBucketCommand({ Bucket: bucket })))),

    /** Bytes, or null when there is no such object. */
    size: (key: string): Promise<number | null> =>
      guarded('look at', key, async () => {
        try {
          return (await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).ContentLength ?? 0;
        } catch (error) {
          if (isMissing(error)) return null;
          throw error;
        }
      }),

    /** Null when there is no such object. */
    read: (key: string): Promise<Readable | null> =>
      guarded('read', key, async () => {
        try {
          return (await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))).Body as Readable;
        } catch (error) {
          if (isMissing(error)) return null;
          throw error;
        }
      }),

    writeFile: (key: string, file: string) =>
      guarded('write', key, async () => {
        const { size } = await stat(file);
        await client.send(
          new PutObjectCommand({ Bucket: bucket, Key: key, Body: createReadStream(file), ContentLength: size }),
        );
      }),

    /** A stream of unknown length, in parts. */
    writeStream: (key: string, body: Readable) =>
      guarded('write', key, async () => {
        await new Upload({ client, params: { Bucket: bucket, Key: key, Body: body } }).done();
      }),

    copy: (from: string, to: string) =>
      guarded('copy', from, async () => {
        await client.send(new CopyObjectCommand({ Bucket: bucket, Key: to, CopySource: `${bucket}/${from}` }));
      }),

    /** Everything below a prefix; returns how many. */
    removeAll: (prefix: string): Promise<number> =>
      guarded('remove', prefix, async () => {
        let removed = 0;
        for (;;) {
          const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 500 }));
          const keys = (page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
          if (keys.length === 0) return removed;
          await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys, Quiet: true } }));
          removed += keys.length;
        }
      }),

    /** What was last written before a time, but for the kept keys; returns how much that was. */
    removeOld: (prefix: string, before: Date, kept: ReadonlySet<string>): Promise<number> =>
      guarded('remove', prefix, async () => {
        let removed = 0;
        for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
          const isOld = ({ LastModified = new Date() }: _Object) => LastModified < before;
          const keys = Contents.filter(isOld).flatMap(({ Key }) =>
            Key === undefined || kept.has(Key) ? [] : [{ Key }],
          );
          if (keys.length === 0) continue;
          await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys, Quiet: true } }));
          removed += keys.length;
        }
        return removed;
      }),

    list: (prefix: string): Promise<string[]> =>
      guarded('list', prefix, async () => {
        const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
        return (page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
      }),

    /** All of them, with their sizes. */
    listAll: (prefix: string): Promise<StoredObject[]> =>
      guarded('list', prefix, async () => {
        const found: StoredObject[] = [];
        for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
          for (const { Key, Size = 0 } of Contents) if (Key !== undefined) found.push({ key: Key, bytes: Size });
        }
        return found;
      }),

    /** Those that are there. */
    remove: (keys: readonly string[]) =>
      guarded('remove', keys[0] ?? '', async () => {
        for (let first = 0; first < keys.length; first += REMOVED_AT_ONCE) {
          const Objects = keys.slice(first, first + REMOVED_AT_ONCE).map((Key) => ({ Key }));
          await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
        }
      }),

    /** Secrets both: they go to servers on stdin and never into a workflow's input or a log. */
    presignGet: (key: string, validSeconds: number) =>
      getSignedUrl(signer, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: validSeconds }),
    presignPut: (key: string, validSeconds: number) =>
      getSignedUrl(signer, new PutObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: validSeconds }),

    close: () => {
      client.destroy();
      signer.destroy();
    },
  };
}

function createClient(settings: Settings['objects'], endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: settings.region,
    forcePathStyle: true,
    credentials: { accessKeyId: settings.accessKeyId, secretAccessKey: settings.secretAccessKey },
    // Many S3 servers refuse the SDK's newer default checksums; slugs are checked by their own digest.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 2,
  });
}

async function guarded<T>(verb: string, key: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new DcdgetError('storage_failed', `The object store could not ${verb} ${key}`, { cause });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof NotFound || (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404);
}
