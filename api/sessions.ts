import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { DEFAULT_SIZE, type App } from '../domain/apps.ts';
import { DcdgetError } from '../domain/errors.ts';
import { instanceId } from '../domain/instances.ts';
import { assertConfigSize, assertConfigVar } from '../domain/names.ts';
import { rendezvousSecret } from '../domain/rendezvous.ts';
import { SESSION_TYPE, type Session, type Terminal } from '../domain/sessions.ts';
import type { Dependencies } from './dependencies.ts';
import type { NewSession } from './schemas/sessions.ts';

const DAY_SECONDS = 24 * 3600;
const IDLE_SECONDS = 3600;
const FIRST_NUMBER = 1000;
const LAST_NUMBER = 9999;
const USUAL_SIZE = { rows: 24, columns: 80 };
const MAX_OF_APP = 100;

/** Stores the session, then starts its workflow. Throws conflict without a release, invalid_params, unavailable. */
export async function beginSession(deps: Dependencies, app: App, wanted: NewSession): Promise<Session> {
  const { store, temporal } = deps;
  const env = environmentOf(wanted);
  const terminal = terminalOf(wanted);
  if (terminal !== null) assertRendezvous(deps);
  if (wanted.command.includes('\0'))
    throw new DcdgetError('invalid_params', 'command must not contain a NUL character', { field: 'command' });
  if (app.currentVersion === null) throw new DcdgetError('conflict', `${app.name} has no release that serves yet.`);
  const release = await store.releases.get(app.id, app.currentVersion);
  if (release.slug === null) throw new DcdgetError('conflict', `${app.name} has no code yet.`);
  const { processTypes } = release.slug;
  const number = await freeNumber(deps, app);
  const sequence = await store.apps.nextSequence(app.id);
  const session: Session = {
    id: randomUUID(),
    instanceId: instanceId(app.name, SESSION_TYPE, number, release.version, sequence),
    appId: app.id,
    appName: app.name,
    version: release.version,
    sequence,
    number,
    command: Object.hasOwn(processTypes, wanted.command.trim())
      ? (processTypes[wanted.command.trim()] ?? wanted.command)
      : wanted.command,
    env,
    size: wanted.size ?? DEFAULT_SIZE,
    terminal,
    lastsSeconds: wanted.time_to_live ?? DAY_SECONDS,
    state: 'starting',
    exitCode: null,
    failure: null,
    createdAt: new Date(),
    endedAt: null,
  };
  await store.sessions.add(session);
  await startWorkflow();
  return session;

  async function startWorkflow(): Promise<void> {
    try {
      await temporal.startSession({ sessionId: session.id, lastsSeconds: session.lastsSeconds });
    } catch (cause) {
      const message = 'The session could not be started: Temporal does not answer';
      // If it was started after all, it finds that it has ended.
      await store.sessions.end(session.id, { exitCode: null, failure: { code: 'unavailable', message, hint: null } });
      throw new DcdgetError('unavailable', message, { cause });
    }
  }
}

/** `rendezvous://host:port/SECRET`, good for a minute and for one connection. */
export function attachUrlOf(
  deps: Pick<Dependencies, 'rendezvous' | 'store'>,
  { id, terminal }: Session,
): string | null {
  if (terminal === null) return null;
  const { host, port } = assertRendezvous(deps);
  const party = { side: 'client', sessionId: id, nonce: randomBytes(16).toString('hex') } as const;
  return `rendezvous://${host}:${port}/${rendezvousSecret(deps.store.signatures, party)}`;
}

function assertRendezvous({ rendezvous }: Pick<Dependencies, 'rendezvous'>): { host: string; port: number } {
  if (rendezvous !== null) return rendezvous;
  throw new DcdgetError('unavailable', 'This dcdget has no rendezvous for one-off sessions', {
    hint: 'Its operator sets RENDEZVOUS_LISTEN. A detached session goes without.',
  });
}

async function freeNumber({ store }: Dependencies, app: App): Promise<number> {
  const open = (await store.sessions.list(app.id)).filter(({ endedAt }) => endedAt === null);
  if (open.length >= MAX_OF_APP)
    throw new DcdgetError('conflict', `${app.name} has ${open.length} one-off sessions already.`);
  for (;;) {
    const number = randomInt(FIRST_NUMBER, LAST_NUMBER + 1);
    if (!open.some((session) => session.number === number)) return number;
  }
}

function environmentOf({ env }: NewSession): Record<string, string> {
  const vars = Object.fromEntries(Object.entries(env ?? {}).map(([key, value]) => [key, String(value)]));
  for (const [key, value] of Object.entries(vars)) assertConfigVar(key, value);
  assertConfigSize(vars);
  return vars;
}

function terminalOf(wanted: NewSession): Terminal | null {
  if (wanted.attach !== true) return null;
  return {
    tty: wanted.force_no_tty !== true,
    rows: sizeOf(wanted.env?.['LINES'], USUAL_SIZE.rows),
    columns: sizeOf(wanted.env?.['COLUMNS'], USUAL_SIZE.columns),
    framed: wanted.framed === true,
    reattachSeconds: wanted.framed === true ? (wanted.reattach_seconds ?? 0) : 0,
    idleSeconds: wanted.idle_seconds ?? IDLE_SECONDS,
  };
}

function sizeOf(given: string | number | undefined, usual: number): number {
  const size = Number(given ?? usual);
  return Number.isInteger(size) && size >= 1 && size <= 10_000 ? size : usual;
}
