/** How many there are of each kind. */
export type Inventory = Readonly<Record<string, number>>;

export type Growth = { name: string; by: number; most: number; isTooMuch: boolean };

/** Three looks: before the first deploy, in the middle, after the last. */
export type Looks = { before: Inventory; middle: Inventory; after: Inventory };

/** Open files while connections come and go, and what systemd starts by itself; of all else not one more may be there. */
const MAY_GROW_BY: Readonly<Record<string, number>> = {
  'worker files': 10,
  'api files': 10,
  'nginx files': 10,
  'server processes': 3,
  'systemd units': 3,
  'files below /srv/dcdget': 5,
};
/** Memory takes its size in the first half, as heaps and caches fill: only what the second half adds counts. */
const MEMORY_MAY_GROW_BY = 64;

/** Of everything that any of the looks saw, in order of name. */
export function findGrowth({ before, middle, after }: Looks): Growth[] {
  const names = [...new Set([before, middle, after].flatMap(Object.keys))].toSorted();
  return names.map((name) => {
    const isMemory = name.endsWith(' MiB');
    const by = (after[name] ?? 0) - ((isMemory ? middle : before)[name] ?? 0);
    const most = isMemory ? MEMORY_MAY_GROW_BY : (MAY_GROW_BY[name] ?? 0);
    return { name, by, most, isTooMuch: by > most };
  });
}
