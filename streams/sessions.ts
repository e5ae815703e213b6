import type { Line, Source } from './lines.ts';
import { isAppName, isProcessName } from './messages.ts';

/** What one reader is shown; the API writes it into the URL, signed. */
export type LogSession = {
  app: string;
  /** Lines that are older, in microseconds since 1970, belong to an earlier app of the name. */
  since: number;
  /** `web`, `web.1`; null: every process. */
  process: string | null;
  source: Source | null;
  /** How many of the lines before now. */
  lines: number;
  tail: boolean;
};

export type SignedTokens = {
  sign(thing: string, validMs: number): string;
  isValid(token: string, thing: string): boolean;
};

/** A reader may come back to the same URL as long as that; a stream that is open goes on. */
const VALID_MS = 3_600_000;
const MOST_LINES = 1500;

/** The URL is the capability: whoever has it reads this app. */
export function logSessionUrl(httpUrl: string, session: LogSession, tokens: SignedTokens): string {
  const told = Buffer.from(JSON.stringify(session)).toString('base64url');
  return `${httpUrl}/logs?session=${told}&token=${tokens.sign(thingOf(told), VALID_MS)}`;
}

/** Null when the URL is not one of ours, or too old. */
export function readLogSession(url: URL, tokens: SignedTokens): LogSession | null {
  const told = url.searchParams.get('session') ?? '';
  if (!tokens.isValid(url.searchParams.get('token') ?? '', thingOf(told))) return null;
  const session = JSON.parse(Buffer.from(told, 'base64url').toString()) as LogSession;
  const isKnown = isAppName(session.app) && (session.process === null || isProcessName(session.process));
  return isKnown ? { ...session, lines: Math.min(session.lines, MOST_LINES) } : null;
}

export function isShown({ since, process, source }: LogSession): (line: Line) => boolean {
  const ofType = `${process}.`;
  return (line) =>
    line.id >= since &&
    (source === null || line.source === source) &&
    (process === null || line.process === process || line.process.startsWith(ofType));
}

function thingOf(told: string): string {
  return `log-session:${told}`;
}
