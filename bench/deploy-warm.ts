import { atRest } from '../test/rig/histories.ts';
import { deployFolder } from './app-deploy.ts';
import type { Bench } from './deploy.ts';
import { percentile, ratioOf, table } from './figures.ts';
import { floorMs } from './floor.ts';
import { afterCompileMs, stepTable, wholeMs } from './operation-times.ts';

const MOST_RATIO = 2.5;

export type WarmFigures = {
  deploys: number;
  p50Ms: number;
  p95Ms: number;
  wholeP50Ms: number;
  wholeP95Ms: number;
  floorMs: number;
  floorP95Ms: number;
  ratio: number;
};

/** Warm deploys of a cached slug, each followed by one bare script that does the same start, probe and switch. */
export async function benchWarm(
  { rig, app, server, folder, say }: Bench,
  deploys: number,
): Promise<{ figures: WarmFigures; isKept: boolean }> {
  const operations = [];
  const floorsMs = [];
  for (let number = 1; number <= deploys; number += 1) {
    const operation = await deployFolder(rig.api, app, folder);
    await atRest(rig);
    const floor = await floorMs(rig, server);
    operations.push(operation);
    floorsMs.push(floor);
    say(
      `deploy ${number}/${deploys}: after compile ${afterCompileMs(operation)} ms, whole ${wholeMs(operation)} ms, floor ${floor} ms`,
    );
  }
  const figures = figuresOf(operations.map(afterCompileMs), operations.map(wholeMs), floorsMs);
  say(`\n${stepTable(operations)}\n\n${summary(figures)}\n`);
  return { figures, isKept: figures.ratio <= MOST_RATIO };
}

function figuresOf(afterMs: readonly number[], wholesMs: readonly number[], floorsMs: readonly number[]): WarmFigures {
  const p50Ms = percentile(afterMs, 0.5);
  const floor = percentile(floorsMs, 0.5);
  return {
    deploys: afterMs.length,
    p50Ms,
    p95Ms: percentile(afterMs, 0.95),
    wholeP50Ms: percentile(wholesMs, 0.5),
    wholeP95Ms: percentile(wholesMs, 0.95),
    floorMs: floor,
    floorP95Ms: percentile(floorsMs, 0.95),
    ratio: ratioOf(p50Ms, floor),
  };
}

function summary(figures: WarmFigures): string {
  return table([
    [`${figures.deploys} warm deploys (ms)`, 'p50', 'p95'],
    ['after compile', String(figures.p50Ms), String(figures.p95Ms)],
    ['whole, from the request', String(figures.wholeP50Ms), String(figures.wholeP95Ms)],
    ['floor: a bare script on the server', String(figures.floorMs), String(figures.floorP95Ms)],
    [`ratio to the floor (at most ${MOST_RATIO})`, String(figures.ratio), ''],
  ]);
}
