import { Type, type Static } from 'typebox';
import type { User } from '../../store/users.ts';
import { iso, NoObject, Nullable, Timestamp, Uuid } from './primitives.ts';

export const AccountShape = Type.Object(
  {
    id: Uuid,
    email: Type.String(),
    name: Nullable(Type.String()),
    allow_tracking: Type.Boolean(),
    beta: Type.Boolean(),
    federated: Type.Boolean(),
    verified: Type.Boolean(),
    two_factor_authentication: Type.Boolean(),
    identity_provider: NoObject,
    sms_number: Type.Null(),
    country_of_residence: Type.Null(),
    default_organization: NoObject,
    default_team: NoObject,
    suspended_at: Type.Null(),
    delinquent_at: Type.Null(),
    last_login: Nullable(Timestamp),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { description: 'The user that a token speaks for' },
);
export type AccountShape = Static<typeof AccountShape>;

export function accountShape(user: User): AccountShape {
  const createdAt = user.createdAt.toISOString();
  return {
    id: user.id,
    email: user.email,
    name: null,
    allow_tracking: false,
    beta: false,
    federated: false,
    verified: true,
    two_factor_authentication: false,
    identity_provider: null,
    sms_number: null,
    country_of_residence: null,
    default_organization: null,
    default_team: null,
    suspended_at: null,
    delinquent_at: null,
    last_login: iso(null),
    created_at: createdAt,
    updated_at: createdAt,
  };
}
