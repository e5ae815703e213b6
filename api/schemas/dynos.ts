import { Type, type Static } from 'typebox';
import type { App } from '../../domain/apps.ts';
import { assertNever } from '../../domain/errors.ts';
import { processName, type Instance, type InstanceState } from '../../domain/instances.ts';
import type { Release } from '../../domain/releases.ts';
import { SESSION_TYPE, type Session } from '../../domain/sessions.ts';
import { SIZES } from '../../domain/apps.ts';
import {
  presentProblem,
  problemsOf,
  REPORTED_STATES,
  shownState,
  type InstanceStatus,
  type KeptEvent,
} from '../../domain/instance-events.ts';
import { AppReference, Literals, Nullable, Timestamp, Uuid } from './primitives.ts';

const DynoState = Literals('crashed', 'down', 'idle', 'starting', 'up');

const ProblemShape = Type.Object(
  { code: Literals('H10', 'R10', 'R14', 'R15'), message: Type.String() },
  { description: 'H10 crashed, R10 not up in time, R14 memory full, R15 killed for want of memory' },
);

export const DynoShape = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    type: Type.String(),
    state: DynoState,
    size: Type.String(),
    command: Type.String(),
    attach_url: Nullable(Type.String()),
    app: AppReference,
    release: Type.Object({ id: Uuid, version: Type.Integer() }),
    created_at: Timestamp,
    updated_at: Timestamp,
    problem: Nullable(ProblemShape),
  },
  { description: "An instance, by Heroku's word for it" },
);
export type DynoShape = Static<typeof DynoShape>;

export const DynoParams = Type.Object({
  app: Type.String({ maxLength: 64 }),
  dyno: Type.String({ maxLength: 64, description: 'Name (web.1) or id.' }),
});

/** One report of an instance on itself. */
export const DynoEventShape = Type.Object(
  {
    id: Type.String(),
    process: Type.String(),
    instance: Type.String(),
    release: Type.Object({ version: Type.Integer() }),
    state: Literals(...REPORTED_STATES),
    at: Timestamp,
    received_at: Timestamp,
    exit_code: Nullable(Type.Integer()),
    signal: Nullable(Type.String()),
    reason: Nullable(Type.String()),
    problem: Nullable(ProblemShape),
  },
  { description: 'A change of state, as the instance itself told it' },
);
export type DynoEventShape = Static<typeof DynoEventShape>;

/** `status` is the newest word of the instance on itself. */
export function dynoShape(
  app: App,
  instance: Instance,
  release: Release,
  status: InstanceStatus | null,
  bootSeconds: number,
): DynoShape {
  const state = shownState(instance, status);
  const isTold = status !== null && state !== 'retiring' && state !== 'ended';
  const since = isTold && status.at > instance.updatedAt ? status.at : instance.updatedAt;
  return {
    id: instance.uuid,
    name: processName(instance),
    type: instance.type,
    state: dynoState(state),
    size: instance.size,
    command: release.slug?.processTypes[instance.type] ?? '',
    attach_url: null,
    app: { id: app.id, name: app.name },
    release: { id: release.id, version: release.version },
    created_at: instance.createdAt.toISOString(),
    updated_at: since.toISOString(),
    problem: isTold ? presentProblem(status, SIZES[instance.size].memoryMb, bootSeconds) : null,
  };
}

/** A one-off session, also one that has ended. */
export function sessionDynoShape(app: App, session: Session, release: Release) {
  const { state, failure, endedAt, exitCode } = session;
  return {
    id: session.id,
    name: `${SESSION_TYPE}.${session.number}`,
    type: SESSION_TYPE,
    state:
      state === 'starting' || state === 'up' ? state : state === 'ended' ? ('down' as const) : ('crashed' as const),
    size: session.size,
    command: session.command,
    attach_url: null,
    app: { id: app.id, name: app.name },
    release: { id: release.id, version: release.version },
    created_at: session.createdAt.toISOString(),
    updated_at: (endedAt ?? session.createdAt).toISOString(),
    problem: null,
    exit_code: exitCode,
    ended_at: endedAt?.toISOString() ?? null,
    failure: failure === null ? null : { id: failure.code, message: failure.message, hint: failure.hint },
  };
}

/** Oldest first. */
export function dynoEventShapes(events: readonly KeptEvent[], bootSeconds: number): DynoEventShape[] {
  const problems = problemsOf(events, bootSeconds);
  return events.map((event, index) => ({
    id: `${event.instanceId}/${event.run}:${event.n}`,
    process: event.process,
    instance: event.instanceId,
    release: { version: event.version },
    state: event.state,
    at: event.at.toISOString(),
    received_at: event.receivedAt.toISOString(),
    exit_code: event.exitCode,
    signal: event.signal,
    reason: event.reason,
    problem: problems[index] ?? null,
  }));
}

function dynoState(state: InstanceState): Static<typeof DynoState> {
  switch (state) {
    case 'reserved':
    case 'starting':
      return 'starting';
    case 'up':
      return 'up';
    case 'crashed':
      return 'crashed';
    case 'retiring':
    case 'ended':
      return 'down';
    default:
      return assertNever(state);
  }
}
