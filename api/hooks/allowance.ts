/** So many at once, then so many a second. */
const BURST = 60;
const PER_SECOND = 2;
const MAX_NAMES = 10_000;

/** Counts what each name asks for; `take` is false when it has asked too often. */
export function createAllowance(now: () => number = Date.now): { take(name: string): boolean } {
  const left = new Map<string, { count: number; at: number }>();

  return {
    take(name) {
      const entry = left.get(name) ?? { count: BURST, at: now() };
      const count = Math.min(BURST, entry.count + ((now() - entry.at) / 1000) * PER_SECOND);
      // The newest last: the name that has asked for nothing longest is forgotten first.
      left.delete(name);
      left.set(name, { count: count >= 1 ? count - 1 : count, at: now() });
      const [oldest] = left.keys();
      if (left.size > MAX_NAMES && oldest !== undefined) left.delete(oldest);
      return count >= 1;
    },
  };
}
