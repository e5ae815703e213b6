import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import type { AppLog } from './app-log.ts';
import { refuse, type Answer } from './http.ts';
import { nowText, shownLine, type Line } from './lines.ts';
import type { Logs } from './logs.ts';
import { isShown, readLogSession, type LogSession, type SignedTokens } from './sessions.ts';

const KEEP_ALIVE_MS = 15_000;
/** How long a reader may take nothing while there is something to take. */
const STALLED_MS = 30_000;
const LONGEST_MS = 24 * 3_600_000;
const BATCH_LINES = 1000;
/** What one that comes back is sent at most of the time it was away. */
const RESUMED_LINES = 10_000;
const MOST_READERS = 2000;

/**
 * `GET /logs?session=…&token=…`: lines as server-sent events, in the form that Heroku's clients read. A reader keeps
 * nothing here but its place: one that is too slow skips what memory no longer has, and is told how much.
 */
export function createReaders(logs: Logs, tokens: SignedTokens): Answer {
  let readers = 0;
  return async (request, response, url) => {
    const session = readLogSession(url, tokens);
    if (session === null) return refuse(response, 403, 'This log session is not valid, or not any more.');
    if (readers >= MOST_READERS) return refuse(response, 503, 'There are too many readers of logs.');
    const { log, release } = await logs.use(session.app);
    readers += 1;
    try {
      await serve(request, response, session, log);
    } finally {
      readers -= 1;
      release();
    }
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  session: LogSession,
  log: AppLog,
): Promise<void> {
  const gone = new AbortController();
  // Of the response: the request closes as soon as its body is read.
  response.once('close', () => gone.abort());
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  const resumeAt = Number(/^\d{1,16}$/.exec(String(request.headers['last-event-id'] ?? ''))?.[0] ?? 0);
  try {
    await write(response, session, log, resumeAt, gone.signal);
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

async function write(
  response: ServerResponse,
  session: LogSession,
  log: AppLog,
  resumeAt: number,
  gone: AbortSignal,
): Promise<void> {
  const matches = isShown(session);
  const cursor = log.follow(resumeAt || log.lastId());
  if (resumeAt === 0) await send(response, (await log.last(session.lines, matches)).map(event), gone);
  else {
    const { lines, isWhole } = await log.missed(resumeAt, matches, RESUMED_LINES);
    if (!isWhole) await send(response, [gap('Lines before this one are not here any more')], gone);
    await send(response, lines.map(event), gone);
  }
  if (!session.tail) return void response.end('retry: 10\n\n');

  const endsAt = Date.now() + LONGEST_MS;
  while (!gone.aborted && Date.now() < endsAt) {
    const { lines, skipped } = cursor.take(BATCH_LINES);
    const shown = lines.filter(matches).map(event);
    if (skipped > 0) shown.unshift(gap(`${skipped} lines skipped: they came faster than they were read here`));
    if (shown.length > 0) await send(response, shown, gone);
    // Senders come first.
    if (lines.length > 0) await turn();
    else if (!(await cursor.more(KEEP_ALIVE_MS, gone))) await send(response, [':\n\n'], gone);
  }
  response.end();
}

async function send(response: ServerResponse, events: readonly string[], gone: AbortSignal): Promise<void> {
  if (events.length === 0 || response.write(events.join(''))) return;
  const stalled = AbortSignal.timeout(STALLED_MS);
  try {
    await once(response, 'drain', { signal: AbortSignal.any([gone, stalled]) });
  } catch {
    response.destroy();
    gone.throwIfAborted();
    throw new DOMException('The reader took nothing', 'TimeoutError');
  }
}

function event(line: Line): string {
  return `id: ${line.id}\ndata: ${shownLine(line)}\n\n`;
}

/** Without an id: it stands between two lines. */
function gap(text: string): string {
  return `data: ${nowText()} dcdget[log]: ${text}\n\n`;
}
