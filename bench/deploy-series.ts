import { deployFolder } from './app-deploy.ts';
import type { Bench } from './deploy.ts';
import { percentile, ratioOf, table } from './figures.ts';
import { takeInventory } from './inventory.ts';
import { findGrowth, type Growth, type Looks } from './growth.ts';
import { afterCompileMs } from './operation-times.ts';

/** Pools and what is made once are there before the first look. */
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

/** Deploys in a row, with a look at everything that must not grow: before, in the middle and after. */
export async function benchSeries(
  { rig, app, server, folder, say }: Bench,
  deploys: number,
): Promise<{ figures: SeriesFigures; isKept: boolean }> {
  const tookMs: number[] = [];
  const deploy = async () => afterCompileMs(await deployFolder(rig.api, app, folder));
  for (let number = 1; number <= WARM_UP; number += 1) await deploy();
  const before = await takeInventory(rig, server);
  let middle = before;
  for (let number = 1; number <= deploys; number += 1) {
    tookMs.push(await deploy());
    if (number === Math.ceil(deploys / 2)) middle = await takeInventory(rig, server);
    if (number % SHOWN_EVERY === 0) {
      const p50Ms = percentile(tookMs.slice(-SHOWN_EVERY), 0.5);
      say(`deploy ${number}/${deploys}: p50 of the last ${SHOWN_EVERY} ${p50Ms} ms`);
    }
  }
  const after = await takeInventory(rig, server);
  const firstMs = percentile(tookMs.slice(0, SHOWN_EVERY), 0.5);
  const lastMs = percentile(tookMs.slice(-SHOWN_EVERY), 0.5);
  const looks = { before, middle, after };
  const growth = findGrowth(looks);
  const figures = {
    seriesDeploys: deploys,
    seriesFirstP50Ms: firstMs,
    seriesLastP50Ms: lastMs,
    seriesSlower: ratioOf(lastMs, firstMs),
    seriesGrown: growth.filter(({ isTooMuch }) => isTooMuch).map(({ name }) => name),
  };
  say(`\n${inventoryTable(looks, growth)}\n\n${summary(figures)}\n`);
  return { figures, isKept: figures.seriesGrown.length === 0 && figures.seriesSlower <= MOST_SLOWER };
}

function inventoryTable({ before, middle, after }: Looks, growth: readonly Growth[]): string {
  const rows = growth.map(({ name, most, isTooMuch }) => {
    const counts = [before, middle, after].map((look) => String(look[name] ?? 0));
    return [name, ...counts, String(most), isTooMuch ? 'grew' : ''];
  });
  return table([['what there is', 'before', 'in the middle', 'after', 'may grow by', ''], ...rows]);
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
