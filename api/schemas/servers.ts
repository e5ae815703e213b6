import { Type, type Static } from 'typebox';
import { ROLES, type Server } from '../../domain/servers.ts';
import { fingerprintOf } from '../host-keys.ts';
import { Literals, Timestamp, Uuid } from './primitives.ts';

export const ServerShape = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    host: Type.String(),
    port: Type.Integer(),
    user: Type.String(),
    roles: Type.Array(Literals(...ROLES)),
    state: Literals('provisioning', 'ready', 'failed'),
    host_key_fingerprint: Type.String(),
    memory_mb: Type.Integer({ description: 'What instances may reserve together; 0 until the server was checked.' }),
    instances: Type.Integer({ description: 'How many instances hold a place on it.' }),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { description: 'A server' },
);
export type ServerShape = Static<typeof ServerShape>;

export const NewServer = Type.Object({
  name: Type.String({ maxLength: 64 }),
  host: Type.String({ maxLength: 253 }),
  port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, default: 22 })),
  user: Type.Optional(Type.String({ maxLength: 32, default: 'root' })),
  roles: Type.Array(Literals(...ROLES), { minItems: 1, uniqueItems: true }),
  host_key: Type.Optional(
    Type.String({ maxLength: 4096, description: 'As the 409 host_key_unconfirmed showed it: <type> <base64>.' }),
  ),
});
export type NewServer = Static<typeof NewServer>;

export const ServerParams = Type.Object({ server: Type.String({ maxLength: 64, description: 'Name or id.' }) });

export function serverShape(server: Server): ServerShape {
  return {
    id: server.id,
    name: server.name,
    host: server.host,
    port: server.port,
    user: server.user,
    roles: server.roles,
    state: server.state,
    host_key_fingerprint: fingerprintOf(server.hostKey),
    memory_mb: server.memoryMb,
    instances: server.reservations.length,
    created_at: server.createdAt.toISOString(),
    updated_at: server.updatedAt.toISOString(),
  };
}
