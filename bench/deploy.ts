import { readFileSync } from 'node:fs';
import type { Operation } from '../cli/api-types.ts';
import { RELEASE_STEPS } from '../domain/steps.ts';
import { onServer } from '../test/rig/machine.ts';
import { startRig, type Rig } from '../test/rig/rig.ts';
import { copyExample } from '../test/rig/source-tree.ts';
import { deployFolder } from './app-deploy.ts';
import { percentile, table } from './figures.ts';

const APP = 'bench';
const SERVER = 'server1';
const FLOOR = readFileSync(new URL('./floor.sh', import.meta.url), 'utf8');
const MOST_RATIO = 4;

export type DeployFigures = {
  deploys: number;
  /** The part after compile: what a deploy of a cached slug takes. */
  p50Ms: number;
  p95Ms: number;
  /** From the request to the end, as the developer's terminal sees it. */
  wholeP50Ms: number;
  wholeP95Ms: number;
  floorMs: number;
  floorP95Ms: number;
  ratio: number;
};

/** N warm deploys of a cached slug, each followed by one bare script that does the same start, probe and switch. */
export async function benchDeploy(options: { deploys: number; json: boolean }): Promise<boolean> {
  const say = options.json ? () => {} : (line: string) => console.log(line);
  const rig = await startRig({ name: 'bench', settings: { WATCH_SECONDS: '0' } });
  try {
    const measured = await measure(rig, options.deploys, say);
    const figures = figuresOf(measured);
    say(`\n${stepTable(measured.operations)}\n`);
    say(summary(figures));
    if (options.json) console.log(JSON.stringify(figures));
    return figures.ratio <= MOST_RATIO;
  } finally {
    await rig.stop();
  }
}

type Measured = { operations: Operation[]; floorsMs: number[] };

async function measure(rig: Rig, deploys: number, say: (line: string) => void): Promise<Measured> {
  const source = copyExample('hello-node');
  try {
    await rig.api.createApp(APP);
    await deployFolder(rig.api, APP, source.folder);
    const measured: Measured = { operations: [], floorsMs: [] };
    for (let number = 1; number <= deploys; number += 1) {
      const operation = await deployFolder(rig.api, APP, source.folder);
      const floorMs = await floor(rig);
      measured.operations.push(operation);
      measured.floorsMs.push(floorMs);
      say(
        `deploy ${number}/${deploys}: after compile ${afterCompileMs(operation)} ms, whole ${wholeMs(operation)} ms, floor ${floorMs} ms`,
      );
    }
    return measured;
  } finally {
    source.remove();
  }
}

/** The same start, probe and switch by one bare script, timed by itself on the server. */
async function floor(rig: Rig): Promise<number> {
  const [instance] = (await onServer(rig, SERVER, 'ls /srv/dcdget/instances')).split('\n');
  const printed = await onServer(rig, SERVER, `bash -s ${instance}`, FLOOR);
  return Number(printed.trim().split('\n').at(-1));
}

function figuresOf({ operations, floorsMs }: Measured): DeployFigures {
  const after = operations.map(afterCompileMs);
  const whole = operations.map(wholeMs);
  const floorMs = percentile(floorsMs, 0.5);
  const p50Ms = percentile(after, 0.5);
  return {
    deploys: operations.length,
    p50Ms,
    p95Ms: percentile(after, 0.95),
    wholeP50Ms: percentile(whole, 0.5),
    wholeP95Ms: percentile(whole, 0.95),
    floorMs,
    floorP95Ms: percentile(floorsMs, 0.95),
    ratio: Math.round((p50Ms / floorMs) * 100) / 100,
  };
}

function stepTable(operations: readonly Operation[]): string {
  const rows = RELEASE_STEPS.map((step) => {
    const took = operations.flatMap((operation) => stepMs(operation, step));
    return took.length === 0
      ? [step, 'skipped', '']
      : [step, String(percentile(took, 0.5)), String(percentile(took, 0.95))];
  });
  return table([['step (ms)', 'p50', 'p95'], ...rows]);
}

/** From the start of the step's first row to the end of its last; none when it was left out. */
function stepMs({ steps }: Operation, step: string): number[] {
  const rows = steps.filter((row) => row.step === step && row.state === 'succeeded');
  if (rows.length === 0) return [];
  return [Math.max(...rows.map((row) => at(row.ended_at))) - Math.min(...rows.map((row) => at(row.started_at)))];
}

function afterCompileMs(operation: Operation): number {
  const compile = operation.steps.find(({ step }) => step === 'compileSlug');
  return at(operation.ended_at) - at(compile?.ended_at ?? null);
}

function wholeMs(operation: Operation): number {
  return at(operation.ended_at) - at(operation.created_at);
}

function at(time: string | null): number {
  if (time === null) throw new Error('the operation lacks a time');
  return Date.parse(time);
}

function summary(figures: DeployFigures): string {
  return table([
    [`${figures.deploys} warm deploys (ms)`, 'p50', 'p95'],
    ['after compile', String(figures.p50Ms), String(figures.p95Ms)],
    ['whole, from the request', String(figures.wholeP50Ms), String(figures.wholeP95Ms)],
    ['floor: a bare script on the server', String(figures.floorMs), String(figures.floorP95Ms)],
    [`ratio to the floor (at most ${MOST_RATIO})`, String(figures.ratio), ''],
  ]);
}
