import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from './api.ts';
import type { NewLogSession } from './api-types.ts';
import { CliError, EXIT } from './errors.ts';
import { eventsOf } from './event-stream.ts';

/** Lines as they came, or news of the connection. */
export type LogNews = { lines: string[] } | { disconnected: string };

const GIVE_UP_AFTER_MS = 120_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;

type Cursor = { url: string | null; lastId: string | undefined; wasOpen: boolean; heardAt: number; pauseMs: number };

/**
 * The lines of an app, and with `tail` those that come. A broken stream is resumed after the last line seen; two minutes
 * without one word of dcdget end it with a CliError.
 */
export async function* logLines(api: Api, app: string, wanted: NewLogSession): AsyncGenerator<LogNews> {
  const cursor: Cursor = { url: null, lastId: undefined, wasOpen: false, heardAt: Date.now(), pauseMs: FIRST_PAUSE_MS };
  for (;;) {
    const reason = yield* linesOfOneStream(api, app, wanted, cursor);
    if (reason === undefined && !wanted.tail) return;
    if (Date.now() - cursor.heardAt > GIVE_UP_AFTER_MS) throw lostContact(api);
    if (reason !== undefined) yield { disconnected: reason };
    await sleep(cursor.pauseMs);
    cursor.pauseMs = Math.min(cursor.pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

/** Returns why the stream broke, undefined when it was closed. */
async function* linesOfOneStream(
  api: Api,
  app: string,
  wanted: NewLogSession,
  cursor: Cursor,
): AsyncGenerator<LogNews, string | undefined> {
  try {
    cursor.url ??= (await api.createLogSession(app, wanted)).logplex_url;
    const response = await api.openLogStream(cursor.url, cursor.lastId);
    cursor.wasOpen = true;
    for await (const events of eventsOf(response)) {
      cursor.lastId = events.findLast(({ id }) => id !== undefined)?.id ?? cursor.lastId;
      cursor.heardAt = Date.now();
      cursor.pauseMs = FIRST_PAUSE_MS;
      yield { lines: events.map(({ data }) => data) };
    }
    cursor.heardAt = Date.now();
    return undefined;
  } catch (error) {
    if (!wanted.tail || !cursor.wasOpen || !isPassing(error)) throw error;
    // Its time may be over; another one goes on behind the same line.
    cursor.url = null;
    return error instanceof Error ? error.message : String(error);
  }
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof CliError)) return !(error instanceof SyntaxError);
  return error.exitCode === EXIT.unreachable || error.id === 'unavailable' || error.id === 'session_over';
}

function lostContact(api: Api): CliError {
  return new CliError('lost_contact', `${api.origin} has not been heard of for two minutes.`, {
    exitCode: EXIT.unreachable,
  });
}
