import { cpus } from 'node:os';
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
  /** As many floors, one after the other. */
  crowdFloorsRowMs: number;
  crowdToRow: number;
  crowdToFloors: number;
  /** The same of bare scripts, for comparison. */
  floorsToRow: number;
  /** How many processors worked at a time, of `processors`; in a row with the uploads between two deploys. */
  rowBusy: number;
  atOnceBusy: number;
  processors: number;
};

type Round = {
  rowMs: number;
  rowBusy: number;
  atOnceMs: number;
  atOnceBusy: number;
  floorsMs: number;
  floorsRowMs: number;
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
  const rounds: Round[] = [];
  for (let number = 1; number <= ROUNDS; number += 1) {
    const row: Operation[] = [];
    const sources = new Map<string, string>();
    const rowBusy = await busyDuring(async () => {
      for (const app of apps) row.push(await deployFolder(rig.api, app, folder));
    });
    await atRest(rig);
    for (const app of apps) sources.set(app, await uploadFolder(rig.api, folder));
    let crowd: Operation[] = [];
    const atOnceBusy = await busyDuring(async () => {
      crowd = await deployTogether(rig.api, sources);
    });
    await atRest(rig);
    let floorsRowMs = 0;
    for (let floor = 1; floor <= APPS; floor += 1) floorsRowMs += await floorMs(rig, server);
    const round = {
      // Each as the platform took it: what the client does between two of them does not count.
      rowMs: row.reduce((sum, operation) => sum + wholeMs(operation), 0),
      rowBusy,
      atOnceMs: togetherMs(crowd),
      atOnceBusy,
      floorsMs: await floorMs(rig, server, APPS),
      floorsRowMs,
    };
    rounds.push(round);
    say(
      `round ${number}/${ROUNDS}: ${APPS} deploys in a row ${round.rowMs} ms, at once ${round.atOnceMs} ms ` +
        `(each ${spread(crowd)}), ${APPS} floors in a row ${floorsRowMs} ms, at once ${round.floorsMs} ms`,
    );
  }
  const figures = figuresOf(rounds);
  say(`\n${summary(figures)}\n`);
  return { figures, isKept: figures.crowdToRow <= MOST_TO_ROW && figures.crowdToFloors <= MOST_TO_FLOORS };
}

function spread(operations: readonly Operation[]): string {
  const took = operations.map(wholeMs);
  return `${Math.min(...took)} to ${Math.max(...took)} ms`;
}

/** How many processors of this machine worked at a time, whatever they worked on. */
async function busyDuring(act: () => Promise<void>): Promise<number> {
  const before = times();
  await act();
  const after = times();
  const [busy, all] = [after.busy - before.busy, after.all - before.all];
  return Math.round((100 * cpus().length * busy) / all) / 100;
}

function times(): { busy: number; all: number } {
  const each = cpus().map((cpu) => cpu.times);
  const all = each.flatMap((took) => Object.values(took)).reduce((sum, ms) => sum + ms, 0);
  return { busy: all - each.reduce((sum, took) => sum + took.idle, 0), all };
}

function figuresOf(rounds: readonly Round[]): CrowdFigures {
  const half = (name: keyof Round) =>
    percentile(
      rounds.map((round) => round[name]),
      0.5,
    );
  return {
    crowdApps: APPS,
    crowdRowMs: half('rowMs'),
    crowdAtOnceMs: half('atOnceMs'),
    crowdFloorsMs: half('floorsMs'),
    crowdFloorsRowMs: half('floorsRowMs'),
    crowdToRow: ratioOf(half('atOnceMs'), half('rowMs')),
    crowdToFloors: ratioOf(half('atOnceMs'), half('floorsMs')),
    floorsToRow: ratioOf(half('floorsMs'), half('floorsRowMs')),
    rowBusy: half('rowBusy'),
    atOnceBusy: half('atOnceBusy'),
    processors: cpus().length,
  };
}

function summary(figures: CrowdFigures): string {
  return table([
    [`${figures.crowdApps} apps, from the first request to the last end (ms)`, 'p50'],
    ['deploys in a row', String(figures.crowdRowMs)],
    ['deploys at once', String(figures.crowdAtOnceMs)],
    ['floor: as many bare scripts at once', String(figures.crowdFloorsMs)],
    ['as many bare scripts in a row', String(figures.crowdFloorsRowMs)],
    [`at once to in a row (at most ${MOST_TO_ROW})`, String(figures.crowdToRow)],
    ['  the same of the bare scripts', String(figures.floorsToRow)],
    [`  processors that worked, of ${figures.processors}: in a row`, String(figures.rowBusy)],
    ['  at once', String(figures.atOnceBusy)],
    [`at once to the floor (at most ${MOST_TO_FLOORS})`, String(figures.crowdToFloors)],
  ]);
}
