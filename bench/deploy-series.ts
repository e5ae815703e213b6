import { deployFolder } from './app-deploy.ts';
import type { Bench } from './deploy.ts';
import { percentile, ratioOf, table } from './figures.ts';
import { takeInventory } from './inventory.ts';
import { findGrowth, type Inventory } from './growth.ts';
import { afterCompileMs } from './operation-times.ts';

/** What grows to its size in the first deploys, caches and pools, is there before the first look. */
const WARM_UP = 20;
/** The last ones may not take longer than this many times the first. */
const MOST_SLOWER = 1.5;
const SHOWN_EVERY = 25;

export type SeriesFigures = {
  seriesDeploys: number;
  seriesFirstP50Ms: number;
  seriesLastP50Ms: number;
  seriesSlower: number;
  /** What grew beyond its bound, by name. */
  seriesGrown: string[];
};

/** Deploys in a row, with a look at everything that must not grow before and after. */
export async function benchSeries(
  { rig, app, server, folder, say }: Bench,
  deploys: number,
): Promise<{ figures: SeriesFigures; isKept: boolean }> {
  const tookMs: number[] = [];
  const deploy = async () => afterCompileMs(await deployFolder(rig.api, app, folder));
  for (let number = 1; number <= WARM_UP; number += 1) await deploy();
  const before = await takeInventory(rig, server);
  for (let number = 1; number <= deploys; number += 1) {
    tookMs.push(await deploy());
    if (number % SHOWN_EVERY === 0)
      say(
        `deploy ${number}/${deploys}: p50 of the last ${SHOWN_EVERY} ${percentile(tookMs.slice(-SHOWN_EVERY), 0.5)} ms`,
      );
  }
  const after = await takeInventory(rig, server);
  const firstMs = percentile(tookMs.slice(0, SHOWN_EVERY), 0.5);
  const lastMs = percentile(tookMs.slice(-SHOWN_EVERY), 0.5);
  const growth = findGrowth(before, after);
  const figures = {
    seriesDeploys: deploys,
    seriesFirstP50Ms: firstMs,
    seriesLastP50Ms: lastMs,
    seriesSlower: ratioOf(lastMs, firstMs),
    seriesGrown: growth.filter(({ isTooMuch }) => isTooMuch).map(({ name }) => name),
  };
  say(`\n${inventoryTable(before, growth)}\n\n${summary(figures)}\n`);
  return { figures, isKept: figures.seriesGrown.length === 0 && figures.seriesSlower <= MOST_SLOWER };
}

function inventoryTable(before: Inventory, growth: ReturnType<typeof findGrowth>): string {
  const rows = growth.map(({ name, by, most, isTooMuch }) => {
    const was = before[name] ?? 0;
    return [name, String(was), String(was + by), String(most), isTooMuch ? 'grew' : ''];
  });
  return table([['what there is', 'before', 'after', 'may grow by', ''], ...rows]);
}

function summary(figures: SeriesFigures): string {
  return table([
    [`${figures.seriesDeploys} deploys in a row, after compile (ms)`, 'p50'],
    [`the first ${SHOWN_EVERY}`, String(figures.seriesFirstP50Ms)],
    [`the last ${SHOWN_EVERY}`, String(figures.seriesLastP50Ms)],
    [`ratio (at most ${MOST_SLOWER})`, String(figures.seriesSlower)],
    ['grew beyond their bounds', figures.seriesGrown.join(', ') || 'none'],
  ]);
}
