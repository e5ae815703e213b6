import { createHash } from 'node:crypto';
import { Type, type TSchema } from 'typebox';

export const Uuid = Type.String({ format: 'uuid' });
export const Timestamp = Type.String({ format: 'date-time' });
export const Uri = Type.String({ format: 'uri' });
export const NoObject = Type.Null();

export function Nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

export function Literals<T extends string>(...values: readonly T[]) {
  return Type.Unsafe<T>({ type: 'string', enum: values });
}

export const AppReference = Type.Object({ id: Uuid, name: Type.String() });
export const UserReference = Type.Object({ id: Uuid, email: Type.String() });

export function iso(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}

/** A UUID (version 8) for what the store knows by another name; the same text always has the same one. */
export function stableUuid(text: string): string {
  const hex = createHash('sha256').update(`dcdget ${text}`).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
}
