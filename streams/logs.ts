import { createAppLog, lostText, MEMORY_LINES, type AppLog } from './app-log.ts';
import { createJournal } from './journal.ts';
import type { Segments } from './segments.ts';

const MEMORY_BYTES = 128 * 1024 * 1024;
const SWEEP_MS = 60_000;
const IDLE_MS = 10 * 60_000;

type Open = { log: Promise<AppLog>; users: number; usedAt: number };
export type InUse = { log: AppLog; release: () => void };
export type Logs = ReturnType<typeof createLogs>;

/** The logs of all apps: opened when somebody sends or reads, closed some time after the last one left. */
export function createLogs(segments: Segments, { diskRetryMs = 5000 } = {}) {
  const opened = new Map<string, Open>();
  const closing = new Map<string, Promise<void>>();
  let memoryBytes = 0;
  const sweeping = setInterval(() => void sweep(), SWEEP_MS);
  sweeping.unref();
  let isShrinking = false;

  async function load(app: string): Promise<AppLog> {
    await closing.get(app);
    const journal = createJournal(segments, app, {
      retryMs: diskRetryMs,
      lost: (count) => log.tell('log', `${lostText(count)} on the log hub's disk`),
    });
    const log: AppLog = createAppLog(journal, await journal.load(MEMORY_LINES), usedBytes);
    return log;
  }

  function usedBytes(change: number): void {
    memoryBytes += change;
    if (memoryBytes <= MEMORY_BYTES || isShrinking) return;
    isShrinking = true;
    setImmediate(() => void shrink());
  }

  /** The largest give memory back; what they had is on disk. */
  async function shrink(): Promise<void> {
    const logs = await Promise.all([...opened.values()].map(({ log }) => log));
    for (const log of logs.toSorted((a, b) => b.memoryBytes() - a.memoryBytes())) {
      if (memoryBytes <= MEMORY_BYTES / 2) break;
      log.shrink();
    }
    isShrinking = false;
  }

  async function sweep(now = Date.now()): Promise<void> {
    const idle = [...opened].filter(([, { users, usedAt }]) => users === 0 && now - usedAt > IDLE_MS);
    await Promise.all(idle.map(([app]) => close(app)));
  }

  function close(app: string): Promise<void> {
    const open = opened.get(app);
    opened.delete(app);
    const closed = (async () => {
      const log = await open?.log;
      await log?.close();
      memoryBytes -= log?.memoryBytes() ?? 0;
      closing.delete(app);
    })();
    closing.set(app, closed);
    return closed;
  }

  return {
    /** The app's log, which stays open until `release`. */
    async use(app: string): Promise<InUse> {
      const open = opened.get(app) ?? { log: load(app), users: 0, usedAt: 0 };
      opened.set(app, open);
      open.users += 1;
      let isReleased = false;
      const release = (): void => {
        if (!isReleased) open.users -= 1;
        isReleased = true;
        open.usedAt = Date.now();
      };
      return { log: await open.log, release };
    },

    sweep,

    async close(): Promise<void> {
      clearInterval(sweeping);
      await Promise.all([...opened.keys()].map(close));
    },
  };
}
