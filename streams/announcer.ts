import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { operationSentence } from '../domain/announcements.ts';
import type { Operation } from '../domain/operations.ts';
import { announcementThing, type Announcement } from './announcements.ts';
import { nowText } from './lines.ts';
import type { SignedTokens } from './sessions.ts';

export type Announcer = {
  /** Returns at once. What the hub does not take in time, or is too much, is dropped and counted. */
  announce(operation: Operation): void;
  /** Waits a moment for what is still to be said. */
  close(): Promise<void>;
};

const MOST_WAITING = 500;
const TRIES = 3;
const PAUSE_MS = 500;
const TIMEOUT_MS = 3000;
const CLOSE_MS = 2000;
const VALID_MS = 60_000;

/** Without an announcement the hub is to forget the app. */
type Waiting = { app: string; announcement: Announcement | null };
type Hub = { httpUrl: string | null; ca: string; tokens: SignedTokens; warn: (sentence: string) => void };

/**
 * Tells the readers of an app's log, in order, what its operations do, and has the hub forget an app that is
 * destroyed; without a hub it does nothing.
 */
export function createAnnouncer({ httpUrl, ca, tokens, warn }: Hub): Announcer {
  const waiting: Waiting[] = [];
  let dropped = 0;
  let isClosed = false;
  let working: Promise<void> | null = null;

  async function work(url: string): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (!(await say(url, next))) dropped += 1;
      else if (dropped > 0) {
        warn(`${dropped} announcements did not reach the log hub`);
        dropped = 0;
      }
    }
    working = null;
  }

  async function say(url: string, { app, announcement }: Waiting): Promise<boolean> {
    for (let left = TRIES; left > 0; left -= 1) {
      const token = tokens.sign(announcementThing(app), VALID_MS);
      if ((await send(new URL(`/lines/${app}`, url), ca, token, announcement)) === 204) return true;
      if (isClosed) return false;
      if (left > 1) await sleep(PAUSE_MS);
    }
    return false;
  }

  function add(url: string, next: Waiting): void {
    if (waiting.length >= MOST_WAITING) dropped += 1;
    else waiting.push(next);
    working ??= work(url);
  }

  return {
    announce(operation) {
      const text = operationSentence(operation);
      if (httpUrl === null || operation.appId === null || text === null) return;
      const { subject: app, kind, state } = operation;
      add(httpUrl, { app, announcement: { process: 'api', text, at: nowText() } });
      if (kind === 'destroy' && state === 'succeeded') add(httpUrl, { app, announcement: null });
    },

    close: async () => {
      await Promise.race([working, sleep(CLOSE_MS, undefined, { ref: false })]);
      isClosed = true;
      waiting.length = 0;
    },
  };
}

/** The status; 0 when the hub did not answer. */
function send(url: URL, ca: string, token: string, body: Announcement | null): Promise<number> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const call = request(url, { method: body === null ? 'DELETE' : 'POST', ca, headers, signal }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', () => resolve(0));
    call.end(body === null ? undefined : JSON.stringify(body));
  });
}
