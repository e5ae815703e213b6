import type { IncomingMessage } from 'node:http';
import { refuse, type Answer } from './http.ts';
import { nowText, oneLine } from './lines.ts';
import type { Logs } from './logs.ts';
import { isAppName, isProcessName } from './messages.ts';
import type { SignedTokens } from './sessions.ts';

/** What the API or a worker tells the readers of an app. */
export type Announcement = { process: string; text: string; at: string };

const MAX_BYTES = 64 * 1024;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/;

/** What a token for the announcements of an app is signed for. */
export function announcementThing(app: string): string {
  return `log-lines:${app}`;
}

/** `POST /lines/<app>`, `{ process, text, at }`, with such a token as bearer: a line of source `dcdget`. */
export function createAnnouncements(logs: Logs, tokens: SignedTokens): Answer {
  return async (request, response, url) => {
    const app = appOf(request, url, tokens);
    if (app === null) return refuse(response, 401, 'The token is not one for this app.');
    const announcement = readAnnouncement(await bodyOf(request));
    if (announcement === null) return refuse(response, 422, 'The body is no announcement.');
    const { log, release } = await logs.use(app);
    log.tell(announcement.process, oneLine(announcement.text), announcement.at);
    release();
    response.writeHead(204).end();
  };
}

/** `DELETE /lines/<app>`, with the same token: nothing of the app is kept any more. */
export function createForgetting(logs: Logs, tokens: SignedTokens): Answer {
  return async (request, response, url) => {
    const app = appOf(request, url, tokens);
    if (app === null) return refuse(response, 401, 'The token is not one for this app.');
    const { log, release } = await logs.use(app);
    try {
      await log.clear();
    } finally {
      release();
    }
    response.writeHead(204).end();
  };
}

/** Null without a token for it. */
function appOf(request: IncomingMessage, url: URL, tokens: SignedTokens): string | null {
  const [, , app = ''] = url.pathname.split('/');
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  return isAppName(app) && tokens.isValid(token, announcementThing(app)) ? app : null;
}

function readAnnouncement(body: string | null): Announcement | null {
  try {
    const { process, text, at } = JSON.parse(body ?? '') as Partial<Announcement>;
    if (typeof process !== 'string' || !isProcessName(process) || typeof text !== 'string') return null;
    return { process, text, at: typeof at === 'string' && TIME.test(at) ? at : nowText() };
  } catch {
    return null;
  }
}

/** Null when it is too large. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_BYTES) return null;
  }
  return Buffer.concat(chunks).toString();
}
