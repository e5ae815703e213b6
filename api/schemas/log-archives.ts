import { Type, type Static } from 'typebox';
import { compactStamp, type Archived, type ArchivedLog } from '../../domain/log-archive.ts';
import { PROCESS_TYPE } from '../../domain/names.ts';
import { stableUuid, Timestamp, Uuid } from './primitives.ts';

export const LogArchiveShape = Type.Object(
  {
    id: Uuid,
    name: Type.String({ description: 'For a file of its own; the names of a process are in the order of its lines.' }),
    process: Type.String({ description: 'web.1' }),
    from: Timestamp,
    to: Timestamp,
    size: Type.Integer({ description: 'Bytes, compressed.' }),
    url: Type.String({ format: 'uri', description: 'Where it is downloaded, zstd, without a token; for an hour.' }),
  },
  { description: "A file of an app's log in the archive" },
);
export type LogArchiveShape = Static<typeof LogArchiveShape>;

const PROCESS = `^${PROCESS_TYPE.source.replaceAll(/^\^|\$$/g, '')}(\\.[0-9]{1,6})?$`;

export const LogArchiveQuery = Type.Object({
  process: Type.Optional(Type.String({ pattern: PROCESS, description: 'One process (web.1) or all of a type (web).' })),
  since: Type.Optional(Type.String({ format: 'date-time', description: 'Only files that hold something younger.' })),
});

export const LogArchiveRunShape = Type.Object(
  {
    files: Type.Integer(),
    size: Type.Integer({ description: 'Bytes, compressed.' }),
    failed: Type.Array(Type.Object({ server: Type.String(), reason: Type.String() }), {
      description: 'Servers on which files wait for the next run.',
    }),
  },
  { description: 'What was archived' },
);

/** What is kept of an archived log without its URL. */
export type LogArchiveEntry = ArchivedLog & { key: string };

export function logArchiveShape({ key, process, from, to, serverId, bytes }: LogArchiveEntry, url: string) {
  const name = `${process}.${compactStamp(from)}_${compactStamp(to)}.${serverId.slice(0, 8)}.log.zst`;
  return { id: stableUuid(key), name, process, from, to, size: bytes, url };
}

export function logArchiveRunShape({ files, bytes, failed }: Archived) {
  return { files, size: bytes, failed };
}
