import { Type, type Static } from 'typebox';
import type { ServerCheck } from '../../domain/checks.ts';
import { Literals, Nullable, Timestamp, Uuid } from './primitives.ts';

export const ServerCheckShape = Type.Object(
  {
    server: Type.Object({ id: Uuid, name: Type.String() }),
    state: Literals('checked', 'unreachable'),
    reason: Nullable(Type.String({ description: 'Why it could not be checked.' })),
    busy: Type.Array(Type.String(), { description: 'Apps that were left alone: an operation worked on them.' }),
    drifts: Type.Array(
      Type.Object({
        kind: Type.String({ description: 'instance-orphan, route-missing …' }),
        subject: Type.String(),
        detail: Type.String(),
        since: Timestamp,
        repair: Literals('possible', 'waits', 'none', 'repaired', 'failed'),
        error: Nullable(Type.String({ description: 'Why it could not be put right.' })),
      }),
    ),
    at: Timestamp,
  },
  { description: 'How a server differs from the record' },
);
export type ServerCheckShape = Static<typeof ServerCheckShape>;

export const NewCheck = Type.Object({
  server: Type.Optional(Type.String({ maxLength: 64, description: 'Name or id; all of them without it.' })),
  repair: Type.Optional(Type.Boolean({ default: false })),
});

export function serverCheckShape({
  serverId,
  serverName,
  drifts,
  at,
  state,
  reason,
  busy,
}: ServerCheck): ServerCheckShape {
  return {
    server: { id: serverId, name: serverName },
    state,
    reason,
    busy,
    drifts: drifts.map(({ since, ...drift }) => ({ ...drift, since: since.toISOString() })),
    at: at.toISOString(),
  };
}
