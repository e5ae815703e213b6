import type { FastifyReply, FastifyRequest } from 'fastify';
import { DcdgetError } from '../../domain/errors.ts';

type Key = string | number;
/** The first field is the one a list is ordered by unless asked otherwise. */
export type RangeFields<T> = Readonly<Record<string, (item: T) => Key>>;
type Order = 'asc' | 'desc';
type Range = { field: string; start: string; isExclusive: boolean; end: string; max: number; order: Order };

const DEFAULT_MAX = 200;
const LARGEST_MAX = 1000;

/**
 * One page of a list, as Heroku's Range header asks for it; sets the answer's status and headers. A page holds all
 * items of its last value, so that the next one starts behind it without a gap or a loop.
 */
export function page<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  items: readonly T[],
  fields: RangeFields<T>,
  order: Order = 'asc',
): T[] {
  const range = parseRange(request.headers.range ?? '', Object.keys(fields), order);
  const keyOf = fields[range.field];
  if (keyOf === undefined) throw unknownField(range.field, fields);
  const wanted = items
    .filter((item) => isWithin(keyOf(item), range))
    .sort((a, b) => compare(keyOf(a), keyOf(b), range));
  const shown = wanted.slice(0, countOfPage(wanted.map(keyOf), range.max));
  setHeaders(reply, range, shown.map(keyOf), wanted.length > shown.length, Object.keys(fields));
  return shown;
}

/** Loosely, as clients write it: `version ]12..; max=20, order=desc`. What is not understood is left out. */
function parseRange(header: string, fields: string[], order: Order): Range {
  const match = /^\s*([a-z_]+)\s*(\]?)([^;]*?)\.\.([^;,]*)(?:$|[;,](.*)$)/.exec(header);
  const words = match?.[5] ?? '';
  const max = Number(/\bmax=(\d{1,9})/.exec(words)?.[1] ?? DEFAULT_MAX);
  const asked = /\border=(asc|desc)\b/.exec(words)?.[1] as Order | undefined;
  return {
    field: match?.[1] ?? fields[0] ?? 'id',
    isExclusive: match?.[2] === ']',
    start: match?.[3]?.trim() ?? '',
    end: match?.[4]?.trim() ?? '',
    max: Math.min(Math.max(max, 1), LARGEST_MAX),
    order: asked ?? order,
  };
}

function isWithin(key: Key, range: Range): boolean {
  const fromStart = range.start === '' ? 1 : compare(key, like(key, range.start), range);
  const fromEnd = range.end === '' ? -1 : compare(key, like(key, range.end), range);
  return (range.isExclusive ? fromStart > 0 : fromStart >= 0) && fromEnd <= 0;
}

function like(key: Key, text: string): Key {
  return typeof key === 'number' ? Number(text) : text;
}

function compare(a: Key, b: Key, { order }: Range): number {
  const ascending = a < b ? -1 : a > b ? 1 : 0;
  return order === 'asc' ? ascending : -ascending;
}

function countOfPage(keys: readonly Key[], max: number): number {
  let count = Math.min(max, keys.length);
  while (count > 0 && count < keys.length && keys[count] === keys[count - 1]) count += 1;
  return count;
}

function setHeaders(reply: FastifyReply, range: Range, keys: readonly Key[], hasMore: boolean, fields: string[]): void {
  void reply.header('accept-ranges', fields.join(', '));
  if (keys.length === 0) return;
  const last = keys[keys.length - 1];
  void reply.header('content-range', `${range.field} ${keys[0]}..${last}`);
  if (!hasMore) return;
  const order = range.order === 'desc' ? ', order=desc' : '';
  void reply.code(206).header('next-range', `${range.field} ]${last}..; max=${range.max}${order}`);
}

function unknownField<T>(field: string, fields: RangeFields<T>): DcdgetError {
  return new DcdgetError('bad_request', `This list has no range by ${field}; use ${Object.keys(fields).join(', ')}.`, {
    field: 'Range',
  });
}
