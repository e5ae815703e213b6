import type { SizeName } from './apps.ts';

/** A one-off session: one command in a container of the current release. Its instance carries the session's id. */
export type Session = {
  id: string;
  /** `<app>.run.<number>.v<version>.<sequence>` */
  instanceId: string;
  appId: string;
  appName: string;
  version: number;
  /** Drawn from the app, as an operation's is. */
  sequence: number;
  /** 1000 to 9999: it is shown as `run.<number>`. */
  number: number;
  command: string;
  /** What the caller adds to the app's config vars. */
  env: Record<string, string>;
  size: SizeName;
  /** Null for a detached one, whose output is in the app's log. */
  terminal: Terminal | null;
  /** How long it may take at most, in seconds. */
  lastsSeconds: number;
  state: SessionState;
  /** Once it has ended: 128+n for signal n; null when nobody could tell. */
  exitCode: number | null;
  /** Why it failed, for people. */
  failure: SessionFailure | null;
  createdAt: Date;
  endedAt: Date | null;
};

export type SessionState = 'starting' | 'up' | 'ended' | 'failed';
export type SessionFailure = { code: string; message: string; hint: string | null };

export type Terminal = {
  /** A PTY, or else pipes. */
  tty: boolean;
  rows: number;
  columns: number;
  /** dcdget's own frames (ps-dock/README.md), or else Heroku's bare bytes. */
  framed: boolean;
  /** How long the command waits for a client that has gone, in seconds; 0: it is hung up at once. */
  reattachSeconds: number;
  /** How long nothing may be said, in seconds. */
  idleSeconds: number;
};

export type SessionEnding = { exitCode: number | null; failure: SessionFailure | null };

export const SESSION_TYPE = 'run';
export const SESSION_WORKFLOW = 'runProcess';
/** Of a running session: its instance has hung up, look. */
export const LOOK_SIGNAL = 'look';
export const STOP_SIGNAL = 'stop';

/** What starts a session's workflow: references only. */
export type SessionInput = { sessionId: string; lastsSeconds: number };

export function sessionWorkflowId(sessionId: string): string {
  return `run/${sessionId}`;
}
