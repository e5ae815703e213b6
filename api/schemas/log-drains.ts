import { Type, type Static } from 'typebox';
import type { Drain } from '../../domain/drains.ts';
import { AppReference, NoObject, Timestamp, Uuid } from './primitives.ts';

export const LogDrainShape = Type.Object(
  {
    id: Uuid,
    addon: NoObject,
    app: AppReference,
    token: Type.String(),
    url: Type.String(),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { description: "Where an app's lines are sent too" },
);
export type LogDrainShape = Static<typeof LogDrainShape>;

export const NewLogDrain = Type.Object({
  url: Type.String({ maxLength: 1000, description: 'https://… or syslog+tls://host:port' }),
});

export const LogDrainParams = Type.Object({
  app: Type.String({ maxLength: 64 }),
  drain: Type.String({ maxLength: 1000, description: 'Its id, its token, or its URL, percent-encoded.' }),
});

export function logDrainShape({ id, appId, appName, token, url, createdAt }: Drain): LogDrainShape {
  const at = createdAt.toISOString();
  return { id, addon: null, app: { id: appId, name: appName }, token, url, created_at: at, updated_at: at };
}
