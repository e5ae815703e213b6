import { assertConfigSize, assertConfigVar } from '../domain/names.ts';
import type { ConfigVars } from '../store/configs.ts';

export type ConfigChange = { vars: ConfigVars; set: string[]; removed: string[] };

/** The config vars after a change, null taking one away. Throws invalid_params naming the key; nothing is stored here. */
export function changedConfig(
  vars: Readonly<ConfigVars>,
  change: Readonly<Record<string, string | null>>,
): ConfigChange {
  const entries = Object.entries(change);
  for (const [key, value] of entries) assertConfigVar(key, value ?? '');
  const set = entries.flatMap(([key, value]) => (value !== null && vars[key] !== value ? [key] : []));
  const removed = entries.flatMap(([key, value]) => (value === null && key in vars ? [key] : []));
  const kept = Object.entries(vars).filter(([key]) => !removed.includes(key));
  const changed = Object.fromEntries([...kept, ...set.map((key) => [key, change[key] ?? ''] as const)]);
  assertConfigSize(changed);
  return { vars: changed, set, removed };
}

/** `Set A, B config vars`, as Heroku words it. */
export function descriptionOf({ set, removed }: Pick<ConfigChange, 'set' | 'removed'>): string {
  const parts = [];
  if (set.length > 0) parts.push(`Set ${set.join(', ')}`);
  if (removed.length > 0) parts.push(`${parts.length > 0 ? 'remove' : 'Remove'} ${removed.join(', ')}`);
  return `${parts.join(', ')} config vars`;
}
