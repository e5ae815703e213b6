import { formationOf, type Formation } from '../domain/apps.ts';
import { DcdgetError, invalid } from '../domain/errors.ts';
import type { FormationUpdate } from './schemas/formations.ts';

export const MAX_QUANTITY = 100;
const QUANTITY = /^([+-]?)(\d{1,6})$/;

/**
 * The wishes after all updates, the same ones when nothing changes. Throws not_found for a process type that the code
 * does not have and invalid_params for everything else, before anything is changed.
 */
export function changedFormation(
  wishes: Formation,
  processTypes: readonly string[],
  updates: readonly FormationUpdate[],
): Formation {
  const now = formationOf(wishes, processTypes);
  const changed: Formation = {};
  updates.forEach(({ type, quantity, size }, index) => {
    const field = `updates.${index}`;
    const entry = Object.hasOwn(now, type) ? now[type] : undefined;
    if (entry === undefined) throw unknownType(type, Object.keys(now));
    if (Object.hasOwn(changed, type)) throw invalid(`${field}.type`, `${type} is named twice`);
    changed[type] = {
      quantity: quantity === undefined ? entry.quantity : quantityOf(quantity, entry.quantity, `${field}.quantity`),
      size: size ?? entry.size,
    };
  });
  const isNews = Object.entries(changed).some(
    ([type, { quantity, size }]) => now[type]?.quantity !== quantity || now[type].size !== size,
  );
  return isNews ? { ...wishes, ...changed } : wishes;
}

export function unknownType(type: string, known: readonly string[]): DcdgetError {
  return new DcdgetError('not_found', `Couldn't find that process type: ${type}.`, {
    field: 'type',
    hint: known.length === 0 ? 'The app has no code yet.' : `The app has: ${known.join(', ')}.`,
  });
}

/** `2`, `+1` or `-1`, or a plain number. */
function quantityOf(asked: string | number, now: number, field: string): number {
  const match = QUANTITY.exec(String(asked));
  // A negative number is not "fewer": only a text says so.
  if (match === null || (typeof asked === 'number' && asked < 0)) {
    throw invalid(field, 'must be a number, or a text such as "+1" or "-1"');
  }
  const [, sign, digits] = match;
  const quantity = sign === '' ? Number(digits) : now + Number(`${sign}${digits}`);
  if (quantity < 0 || quantity > MAX_QUANTITY)
    throw invalid(field, `must lead to 0 to ${MAX_QUANTITY}, not ${quantity}`);
  return quantity;
}
