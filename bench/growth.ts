/** How many there are of each kind. */
export type Inventory = Readonly<Record<string, number>>;

export type Growth = { name: string; by: number; most: number; isTooMuch: boolean };

/**
 * What need not be the same at two looks. Memory is compared after caches have filled, open files while
 * connections come and go; of everything else not one more may be there.
 */
const MAY_GROW_BY: Readonly<Record<string, number>> = {
  'worker files': 10,
  'api files': 10,
  'nginx files': 10,
  'worker MiB': 64,
  'api MiB': 64,
  'server MiB': 64,
  'server processes': 3,
  'systemd units': 3,
  'files below /srv/dcdget': 5,
};

/** Of everything that is in either, in order of name. */
export function findGrowth(before: Inventory, after: Inventory): Growth[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names.map((name) => {
    const by = (after[name] ?? 0) - (before[name] ?? 0);
    const most = MAY_GROW_BY[name] ?? 0;
    return { name, by, most, isTooMuch: by > most };
  });
}
