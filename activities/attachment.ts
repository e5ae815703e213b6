import { randomBytes } from 'node:crypto';
import { rendezvousSecret } from '../domain/rendezvous.ts';
import type { Session } from '../domain/sessions.ts';
import type { ActivityDeps } from './deps.ts';

/** From HUP and TERM to KILL: with the three seconds before it, a session whose client has gone ends within ten. */
const STOP_GRACE_MS = 5_000;
/** They are the terminal's own, and would hide that its size has changed. */
const OF_TERMINAL = ['COLUMNS', 'LINES'];

/** What a one-off session has beside what every instance is told, and the secret in it. */
export function attachmentOf(
  { rendezvous, store: { signatures } }: Pick<ActivityDeps, 'rendezvous' | 'store'>,
  session: Session,
): { fields: object; env: Record<string, string>; secret: string } {
  const { id: sessionId, terminal, command, lastsSeconds } = session;
  const secret = rendezvousSecret(signatures, { side: 'instance', sessionId, nonce: randomBytes(16).toString('hex') });
  const attach =
    terminal === null || rendezvous === null
      ? {}
      : {
          attach: {
            address: `${rendezvous.host}:${rendezvous.port}`,
            serverName: rendezvous.host,
            secret,
            ...terminal,
            lastsSeconds,
          },
        };
  const env = Object.entries(session.env).filter(([key]) => !OF_TERMINAL.includes(key));
  const term = terminal?.tty === true ? { TERM: 'xterm' } : {};
  return {
    fields: { command, stopGraceMs: STOP_GRACE_MS, ...attach },
    env: { ...term, ...Object.fromEntries(env) },
    secret,
  };
}
