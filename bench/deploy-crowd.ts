import type { Operation } from '../cli/api-types.ts';
import { atRest } from '../test/rig/histories.ts';
import { deployFolder, deployTogether, uploadFolder } from './app-deploy.ts';
import type { Bench } from './deploy.ts';
import { percentile, ratioOf, table } from './figures.ts';
import { floorMs } from './floor.ts';
import { togetherMs, wholeMs } from './operation-times.ts';

const APPS = 20;
const ROUNDS = 3;
/** The first deploy of each, which is not measured. */
const COMPILED_TOGETHER = 4;
const MOST_TO_ROW = 0.6;
const MOST_TO_FLOORS = 2.5;

export type CrowdFigures = {
  crowdApps: number;
  crowdRowMs: number;
  crowdAtOnceMs: number;
  crowdFloorsMs: number;
  crowdToRow: number;
  crowdToFloors: number;
};

/** Many apps deployed at once, beside the same ones in a row and as many bare scripts at once. */
export async function benchCrowd({
  rig,
  server,
  folder,
  say,
}: Bench): Promise<{ figures: CrowdFigures; isKept: boolean }> {
  const apps = Array.from({ length: APPS }, (_, index) => `crowd-${index + 1}`);
  for (let first = 0; first < APPS; first += COMPILED_TOGETHER) {
    await Promise.all(
      apps.slice(first, first + COMPILED_TOGETHER).map(async (app) => {
        await rig.api.createApp(app);
        await deployFolder(rig.api, app, folder);
      }),
    );
  }
  const rowsMs = [];
  const atOnceMs = [];
  const floorsMs = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const row = [];
    const sources = new Map<string, string>();
    for (const app of apps) row.push(await deployFolder(rig.api, app, folder));
    await atRest(rig);
    for (const app of apps) sources.set(app, await uploadFolder(rig.api, folder));
    const crowd = await deployTogether(rig.api, sources);
    // Each as the platform took it: what the client does between two of them does not count.
    rowsMs.push(row.reduce((sum, operation) => sum + wholeMs(operation), 0));
    atOnceMs.push(togetherMs(crowd));
    await atRest(rig);
    floorsMs.push(await floorMs(rig, server, APPS));
    say(
      `round ${round}/${ROUNDS}: ${APPS} deploys in a row ${rowsMs.at(-1)} ms, at once ${atOnceMs.at(-1)} ms (each ${spread(crowd)}), ${APPS} floors at once ${floorsMs.at(-1)} ms`,
    );
  }
  const figures = figuresOf(rowsMs, atOnceMs, floorsMs);
  say(`\n${summary(figures)}\n`);
  return { figures, isKept: figures.crowdToRow <= MOST_TO_ROW && figures.crowdToFloors <= MOST_TO_FLOORS };
}

function spread(operations: readonly Operation[]): string {
  const took = operations.map(wholeMs);
  return `${Math.min(...took)} to ${Math.max(...took)} ms`;
}

function figuresOf(rowsMs: readonly number[], atOnceMs: readonly number[], floorsMs: readonly number[]): CrowdFigures {
  const [row, atOnce, floors] = [rowsMs, atOnceMs, floorsMs].map((took) => percentile(took, 0.5)) as [
    number,
    number,
    number,
  ];
  return {
    crowdApps: APPS,
    crowdRowMs: row,
    crowdAtOnceMs: atOnce,
    crowdFloorsMs: floors,
    crowdToRow: ratioOf(atOnce, row),
    crowdToFloors: ratioOf(atOnce, floors),
  };
}

function summary(figures: CrowdFigures): string {
  return table([
    [`${figures.crowdApps} apps, from the first request to the last end (ms)`, 'p50'],
    ['deploys in a row', String(figures.crowdRowMs)],
    ['deploys at once', String(figures.crowdAtOnceMs)],
    ['floor: as many bare scripts at once', String(figures.crowdFloorsMs)],
    [`at once to in a row (at most ${MOST_TO_ROW})`, String(figures.crowdToRow)],
    [`at once to the floor (at most ${MOST_TO_FLOORS})`, String(figures.crowdToFloors)],
  ]);
}
