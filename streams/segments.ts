import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isAppName } from './messages.ts';

/** A file of lines; its name is the id of its first one. */
export type Segment = { app: string; firstId: number; bytes: number };

/** Bytes over all apps, and of one of them. */
export type DiskBudget = { totalBytes: number; appBytes: number };

const MAX_SEGMENT_BYTES = 4 * 1024 * 1024;

export type Segments = ReturnType<typeof openSegments>;

/** What lies on the hub's disk. The oldest goes first when there is too much of it. */
export function openSegments(folder: string, budget: DiskBudget) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const byApp = new Map<string, Segment[]>(
    readdirSync(folder)
      .filter(isAppName)
      .map((app) => [app, findSegments(folder, app)]),
  );

  const fileOf = ({ app, firstId }: Segment) => join(folder, app, `${firstId}.log`);
  let totalBytes = sum([...byApp.values()].flat());

  /** Never the newest of an app, which is being written. */
  async function removeOldest(segments: readonly Segment[]): Promise<boolean> {
    const [oldest] = segments
      .filter((segment) => segment !== byApp.get(segment.app)?.at(-1))
      .sort((a, b) => a.firstId - b.firstId);
    if (oldest === undefined) return false;
    byApp.set(oldest.app, byApp.get(oldest.app)?.filter((segment) => segment !== oldest) ?? []);
    totalBytes -= oldest.bytes;
    await rm(fileOf(oldest), { force: true });
    return true;
  }

  return {
    /** How large one file may become: an app has some, so that the oldest can go, and none takes long to read. */
    segmentBytes: Math.min(Math.ceil(budget.appBytes / 8), MAX_SEGMENT_BYTES),

    /** Oldest first. */
    list: (app: string): readonly Segment[] => byApp.get(app) ?? [],

    /** The text of a segment up to its last line feed; '' when it went meanwhile. */
    async read(segment: Segment): Promise<string> {
      const text = await readFile(fileOf(segment), 'utf8').catch(() => '');
      return text.slice(0, text.lastIndexOf('\n') + 1);
    },

    async add(app: string, firstId: number): Promise<{ segment: Segment; file: FileHandle }> {
      mkdirSync(join(folder, app), { recursive: true, mode: 0o700 });
      const segment = { app, firstId, bytes: 0 };
      const file = await open(fileOf(segment), 'a', 0o600);
      byApp.set(app, [...(byApp.get(app) ?? []), segment]);
      return { segment, file };
    },

    /** One that holds nothing. */
    async drop(segment: Segment): Promise<void> {
      byApp.set(
        segment.app,
        (byApp.get(segment.app) ?? []).filter((other) => other !== segment),
      );
      await rm(fileOf(segment), { force: true }).catch(() => undefined);
    },

    grow(segment: Segment, bytes: number): void {
      segment.bytes += bytes;
      totalBytes += bytes;
    },

    /** Makes room when there is too much. */
    async trim(app: string): Promise<void> {
      while (sum(byApp.get(app) ?? []) > budget.appBytes && (await removeOldest(byApp.get(app) ?? [])));
      while (totalBytes > budget.totalBytes && (await removeOldest([...byApp.values()].flat())));
    },

    /** All that is there of an app. */
    async remove(app: string): Promise<void> {
      totalBytes -= sum(byApp.get(app) ?? []);
      byApp.delete(app);
      await rm(join(folder, app), { recursive: true, force: true });
    },
  };
}

function sum(segments: readonly Segment[]): number {
  return segments.reduce((bytes, segment) => bytes + segment.bytes, 0);
}

function findSegments(folder: string, app: string): Segment[] {
  return readdirSync(join(folder, app))
    .flatMap((name) => /^(\d{1,16})\.log$/.exec(name)?.[1] ?? [])
    .map((firstId) => ({ app, firstId: Number(firstId), bytes: statSync(join(folder, app, `${firstId}.log`)).size }))
    .sort((a, b) => a.firstId - b.firstId);
}
