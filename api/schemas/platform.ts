import { Type, type Static } from 'typebox';
import type { Stack } from '../../domain/apps.ts';
import { Literals, stableUuid, Timestamp, Uuid } from './primitives.ts';

/** Since when what does not change is as it is. */
const SINCE = '2026-01-01T00:00:00.000Z';

export const StackShape = Type.Object({
  id: Uuid,
  name: Type.String(),
  default: Type.Boolean(),
  state: Literals('beta', 'deprecated', 'public'),
  created_at: Timestamp,
  updated_at: Timestamp,
});
export type StackShape = Static<typeof StackShape>;

export const RegionShape = Type.Object({
  id: Uuid,
  name: Type.String(),
  description: Type.String(),
  country: Type.String(),
  locale: Type.String(),
  private_capable: Type.Boolean(),
  provider: Type.Object({ name: Type.String(), region: Type.String() }),
  created_at: Timestamp,
  updated_at: Timestamp,
});
export type RegionShape = Static<typeof RegionShape>;

export function stackReference(stack: Stack): { id: string; name: string } {
  return { id: stableUuid(`stack ${stack}`), name: stack };
}

export const STACKS: readonly StackShape[] = [
  { ...stackReference('batman'), default: true, state: 'public', created_at: SINCE, updated_at: SINCE },
];

/** Heroku's clients show the name of any region but `us` behind each app's name. */
export const REGION: RegionShape = {
  id: stableUuid('region us'),
  name: 'us',
  description: 'The servers of this dcdget',
  country: 'yours',
  locale: 'where your servers are',
  private_capable: false,
  provider: { name: 'dcdget', region: 'us-east-1' },
  created_at: SINCE,
  updated_at: SINCE,
};

export const GENERATION = { id: stableUuid('generation cedar'), name: 'cedar' };
