import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { drainTarget, type Drain } from '../domain/drains.ts';
import { lostText, type AppLog, type Cursor } from './app-log.ts';
import { openHttpsSink } from './drain-https.ts';
import { openSyslogSink } from './drain-syslog.ts';
import type { Log } from './http.ts';
import type { Line } from './lines.ts';
import type { Logs } from './logs.ts';

/** The addresses that may be connected to for a URL, or a rejection that says why none. */
export type DrainGate = { addressesOf(url: URL): Promise<string[]> };

/** Sends lines to a drain's other end, each batch once; `refused` when the other end never will take it. */
export type Sink = {
  send(lines: readonly Line[], signal: AbortSignal): Promise<'taken' | 'refused'>;
  close(): void;
};

export type SinkParts = { gate: DrainGate; ca: string[] | undefined };
type Parts = SinkParts & { logs: Logs; list: () => Promise<Drain[]>; log: Log; placesFile: string };

export type DrainTimes = { lookMs: number; batchMs: number; pauseMs: number; tellMs: number };
const TIMES: DrainTimes = { lookMs: 5000, batchMs: 500, pauseMs: 1000, tellMs: 30_000 };

const BATCH_LINES = 500;
/** A batch is tried for about five minutes. */
const TRIES = 10;
const LONGEST_PAUSE_MS = 60_000;

/** Sends the lines of apps on to where their drains lead, as long as the store lists them. Returns what ends it. */
export function startDrains(parts: Parts, times = TIMES): () => Promise<void> {
  const running = new Map<string, { end: AbortController; done: Promise<void> }>();
  const ending = new AbortController();
  const places = readPlaces(parts.placesFile);

  async function look(): Promise<void> {
    const drains = new Map((await parts.list()).map((drain) => [drain.id, drain]));
    for (const [id, { end }] of running) if (!drains.has(id)) end.abort();
    for (const id of places.keys()) if (!drains.has(id)) places.delete(id);
    for (const [id, drain] of drains) {
      if (running.has(id)) continue;
      const end = new AbortController();
      const done = runDrain(drain, parts, places, times, end.signal)
        .catch((error: unknown) => parts.log.error({ err: error, drain: id }, 'A drain broke off'))
        .finally(() => running.delete(id));
      running.set(id, { end, done });
    }
  }

  const looking = (async () => {
    while (!ending.signal.aborted) {
      await look().catch((error: unknown) => parts.log.error({ err: error }, 'The drains could not be listed'));
      await writePlaces(parts, places);
      await sleep(times.lookMs, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  })();

  return async () => {
    ending.abort();
    await looking;
    for (const { end } of running.values()) end.abort();
    await Promise.all([...running.values()].map(({ done }) => done));
    await writePlaces(parts, places);
  };
}

/** Drain → the id of the last line that it has. */
type Places = Map<string, number>;

function readPlaces(file: string): Places {
  try {
    return new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, number][]);
  } catch {
    // The first start, or a file that was cut: drains go on with what memory has.
    return new Map();
  }
}

async function writePlaces({ placesFile, log }: Parts, places: Places): Promise<void> {
  try {
    await writeFile(`${placesFile}.new`, JSON.stringify([...places]), { mode: 0o600 });
    await rename(`${placesFile}.new`, placesFile);
  } catch (error) {
    log.error({ err: error }, 'The places of the drains could not be kept');
  }
}

async function runDrain(
  drain: Drain,
  parts: Parts,
  places: Places,
  times: DrainTimes,
  signal: AbortSignal,
): Promise<void> {
  const { log, release } = await parts.logs.use(drain.appName);
  const { kind, url } = drainTarget(drain.url);
  const sink = kind === 'https' ? openHttpsSink(drain, url, parts) : openSyslogSink(drain, url, parts);
  try {
    // What came after its last line, or after the drain was made, as far as memory goes back.
    const cursor = log.follow(places.get(drain.id) ?? drain.createdAt.getTime() * 1000 - 1);
    const hasSent = (id: number) => void places.set(drain.id, id);
    await sendOn(log, cursor, sink, drain, times, signal, hasSent);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    sink.close();
    release();
  }
}

async function sendOn(
  log: AppLog,
  cursor: Cursor,
  sink: Sink,
  drain: Drain,
  times: DrainTimes,
  signal: AbortSignal,
  hasSent: (id: number) => void,
): Promise<void> {
  let lost = 0;
  let toldAt = 0;
  let isFull = false;
  while (!signal.aborted) {
    if (!(await cursor.more(times.tellMs, signal)) && lost === 0) continue;
    // What comes within a moment travels together.
    if (!isFull) await sleep(times.batchMs, undefined, { signal });
    const { lines, skipped } = cursor.take(BATCH_LINES);
    isFull = lines.length === BATCH_LINES;
    lost += skipped + (lines.length === 0 ? 0 : await lostOf(lines, sink, times, signal));
    const last = lines.at(-1);
    if (last !== undefined) hasSent(last.id);
    if (lost === 0 || Date.now() - toldAt < times.tellMs) continue;
    log.tell('drain', `${lostText(lost)} on the way to drain ${drain.token}: it takes no more, or not fast enough`);
    toldAt = Date.now();
    lost = 0;
  }
}

/** Tries until the other end has the lines; how many it will never have. */
async function lostOf(lines: readonly Line[], sink: Sink, times: DrainTimes, signal: AbortSignal): Promise<number> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    try {
      return (await sink.send(lines, signal)) === 'taken' ? 0 : lines.length;
    } catch {
      signal.throwIfAborted();
      const pauseMs = Math.min(times.pauseMs * 2 ** tried, LONGEST_PAUSE_MS);
      await sleep(pauseMs * (0.5 + Math.random() / 2), undefined, { signal });
    }
  }
  return lines.length;
}
