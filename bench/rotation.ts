import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../cli/api-types.ts';
import { waitForOperation } from '../embedded/fleet.ts';
import { startRig, type Rig } from '../test/rig/rig.ts';
import { copyExample } from '../test/rig/source-tree.ts';
import { visit } from '../test/rig/visitor.ts';
import { deployFolder } from './app-deploy.ts';
import { percentile, ratioOf, table } from './figures.ts';
import { measureCapacity } from './load-capacity.ts';
import type { LoadReport, Loss } from './load-record.ts';
import { startLoad, type Load } from './load.ts';
import { preferServers } from './server-weight.ts';

const APP = 'rotated';
const NEIGHBOUR = 'neighbour';
const NEWCOMER = 'newcomer';
const PROBE = 'rotation-probe';
/** Longer than the slow answer, so that it always may end. */
const DRAIN_SECONDS = 6;
const NEIGHBOUR_RATE = 20;
/** Rest and rotations take turns, so that what else the machine does falls on both. */
const TURNS = 4;
const REST_MS = 5000;
/** A turn of rotations counts once old instances go beside it, and rest once the last one has gone. */
const RAMP_MS = DRAIN_SECONDS * 1000 + 1000;
const SETTLE_MS = DRAIN_SECONDS * 1000 + 3000;
const MOST_RATIO = 3;
const LEAST_MS_EACH = 2000;
const ROTATION_TIMEOUT_MS = 2 * 60_000;
const SHOWN_LOSSES = 20;

export type RotationFigures = {
  requests: number;
  lost: number;
  p99RestMs: number;
  p99DuringMs: number;
  ratio: number;
  rotations: number;
  rotationP50Ms: number;
  connectionsOpened: number;
  /** WebSockets that were opened again, after their budget. */
  reconnects: number;
  diedEarly: number;
  /** The shortest time that a WebSocket outlived the switch. */
  leastHeldMs: number | null;
  stale: number;
};

type Options = { rotations: number; rate: number; json: boolean };
type Measured = { app: LoadReport; neighbour: LoadReport; operations: Operation[] };

/** N rotations of one app under open-loop load, with another app beside it and a third one made meanwhile. */
export async function benchRotation(options: Options): Promise<boolean> {
  const say = options.json ? () => {} : (line: string) => console.log(line);
  const capacity = await measureCapacity(options.rate);
  say(`the load generator alone: ${capacity.answered} requests/s, p99 ${capacity.p99Ms} ms`);
  const rig = await startRig({
    name: 'rotation',
    settings: { WATCH_SECONDS: '0', DRAIN_SECONDS: String(DRAIN_SECONDS) },
  });
  let release: (() => Promise<void>) | undefined;
  try {
    release = preferServers(rig);
    const measured = await measureRotation(rig, options, say);
    const figures = report(measured, say);
    if (options.json) console.log(JSON.stringify(figures));
    return isKept(figures);
  } finally {
    await rig.stop();
    await release?.();
  }
}

export async function measureRotation(rig: Rig, options: Options, say: (line: string) => void): Promise<Measured> {
  const source = copyExample(PROBE);
  try {
    for (const app of [APP, NEIGHBOUR]) {
      await rig.api.createApp(app);
      await deployFolder(rig.api, app, source.folder);
    }
    return await rotateUnderLoad(rig, options, () => addNewcomer(rig, source.folder), say);
  } finally {
    source.remove();
  }
}

async function rotateUnderLoad(
  rig: Rig,
  { rotations, rate }: Options,
  addAnother: () => Promise<void>,
  say: (line: string) => void,
): Promise<Measured> {
  using app = await startLoad({
    ...targetOf(rig, APP),
    rate,
    slow: true,
    socketBudgetMs: DRAIN_SECONDS * 1000,
  });
  using neighbour = await startLoad({ ...targetOf(rig, NEIGHBOUR), rate: NEIGHBOUR_RATE });
  const loads = [app, neighbour];
  const operations: Operation[] = [];
  for (let turn = 1; turn <= TURNS; turn += 1) {
    beginPhase(loads, 'settling');
    await sleep(SETTLE_MS);
    beginPhase(loads, 'rest');
    await sleep(REST_MS);
    beginPhase(loads, 'settling');
    const least = Math.ceil(rotations / TURNS);
    const [rotated] = await Promise.all([
      rotate(rig, least, operations.length, say),
      sleep(RAMP_MS).then(() => beginPhase(loads, 'rotating')),
      turn === 1 ? addAnother() : null,
    ]);
    operations.push(...rotated);
  }
  beginPhase(loads, 'over');
  return { app: await app.stop(), neighbour: await neighbour.stop(), operations };
}

async function rotate(rig: Rig, least: number, before: number, say: (line: string) => void): Promise<Operation[]> {
  const operations: Operation[] = [];
  // Quick ones are followed by more, so that the requests of a run are as many on every machine.
  const endsAt = Date.now() + RAMP_MS + least * LEAST_MS_EACH;
  while (operations.length < least || Date.now() < endsAt) {
    const number = before + operations.length + 1;
    const { operationId } = await rig.api.changeConfigVars(APP, { ROTATION: String(number) });
    if (operationId === undefined) throw new Error('the config change started no operation');
    await waitForOperation(rig.api, operationId, ROTATION_TIMEOUT_MS, () => undefined);
    const operation = await rig.api.operation(operationId);
    operations.push(operation);
    say(`rotation ${number}: ${tookMs(operation)} ms`);
  }
  return operations;
}

/** An app that is created, deployed and answers while the others are under load. */
async function addNewcomer(rig: Rig, folder: string): Promise<void> {
  await rig.api.createApp(NEWCOMER);
  await deployFolder(rig.api, NEWCOMER, folder);
  const { status, body } = await visit(rig, NEWCOMER);
  if (status !== 200) throw new Error(`${NEWCOMER}, made meanwhile, answered ${status}: ${body}`);
}

function beginPhase(loads: readonly Load[], name: string): void {
  for (const load of loads) load.beginPhase(name);
}

function targetOf(rig: Rig, app: string): { host: string; port: number; appHost: string } {
  return { ...rig.router, appHost: `${app}.${rig.environment['APPS_DOMAIN'] ?? 'dcdget.localhost'}` };
}

/** Throws when the load generator cannot be trusted. */
export function report(measured: Measured, say: (line: string) => void): RotationFigures {
  const figures = figuresOf(measured);
  say(`\n${summary(measured, figures)}`);
  for (const line of complaints(measured)) say(line);
  return figures;
}

function figuresOf({ app, neighbour, operations }: Measured): RotationFigures {
  const distrust = [...app.distrust, ...neighbour.distrust];
  if (distrust.length > 0) throw new Error(`the load generator cannot be trusted: ${distrust.join('; ')}`);
  const { rest, rotating } = app.phases;
  if (!rest || !rotating || !app.socket) throw new Error('the load generator measured nothing');
  return {
    requests: app.requests + neighbour.requests,
    lost: app.lost + neighbour.lost,
    p99RestMs: rest.p99Ms,
    p99DuringMs: rotating.p99Ms,
    ratio: ratioOf(rotating.p99Ms, rest.p99Ms),
    rotations: operations.length,
    rotationP50Ms: percentile(operations.map(tookMs), 0.5),
    connectionsOpened: app.connectionsOpened + neighbour.connectionsOpened,
    reconnects: app.socket.opened - 1,
    diedEarly: app.socket.diedEarly.length,
    leastHeldMs: app.socket.heldMs.length === 0 ? null : Math.min(...app.socket.heldMs),
    stale: app.stale + neighbour.stale,
  };
}

function isKept({ lost, diedEarly, p99DuringMs, p99RestMs }: RotationFigures): boolean {
  return lost === 0 && diedEarly === 0 && p99DuringMs <= MOST_RATIO * p99RestMs;
}

function tookMs({ created_at: from, ended_at: to }: Operation): number {
  return Date.parse(to ?? '') - Date.parse(from);
}

function summary({ app, neighbour }: Measured, figures: RotationFigures): string {
  const ways = Object.entries(app.ways).map(([way, { requests, lost, connectionsOpened }]) => [
    way,
    String(requests),
    String(lost),
    String(connectionsOpened),
  ]);
  const phases = Object.entries(app.phases).map(([phase, { requests, lost, p50Ms, p99Ms, maxMs, lagP99Ms }]) => [
    phase,
    ...[requests, lost, p50Ms, p99Ms, maxMs, lagP99Ms].map(String),
  ]);
  const besides = [neighbour.requests, neighbour.lost, neighbour.connectionsOpened].map(String);
  return [
    table([['way', 'requests', 'lost', 'connections'], ...ways, ['the neighbour', ...besides]]),
    table([['phase', 'requests', 'lost', 'p50 ms', 'p99 ms', 'max ms', 'own lag p99 ms'], ...phases]),
    table([
      [`${figures.rotations} rotations`, ''],
      ['requests', String(figures.requests)],
      ['lost', String(figures.lost)],
      [`p99 during to p99 at rest (at most ${MOST_RATIO})`, String(figures.ratio)],
      ['a rotation, p50 (ms)', String(figures.rotationP50Ms)],
      ['WebSockets opened again', String(figures.reconnects)],
      ['  that ended before their budget', String(figures.diedEarly)],
      [`  held at least (ms, budget ${DRAIN_SECONDS * 1000})`, String(figures.leastHeldMs ?? '-')],
      ['answers of an older release after a newer one', String(figures.stale)],
    ]),
  ].join('\n\n');
}

/** Each lost request with what the platform did at that moment. */
function complaints({ app, neighbour, operations }: Measured): string[] {
  const losses = [...app.losses, ...neighbour.losses];
  const lines = losses
    .slice(0, SHOWN_LOSSES)
    .map((loss) => `lost: ${loss.at} ${loss.way} ${loss.kind}: ${loss.detail} (${whatRan(operations, loss)})`);
  if (losses.length > SHOWN_LOSSES) lines.push(`and ${losses.length - SHOWN_LOSSES} more`);
  return [...lines, ...(app.socket?.diedEarly ?? []).map((death) => `the WebSocket died early: ${death}`)];
}

function whatRan(operations: readonly Operation[], { at, phase }: Loss): string {
  const time = Date.parse(at);
  const isDuring = (from: string | null, to: string | null) =>
    from !== null && Date.parse(from) <= time && (to === null || time <= Date.parse(to));
  const number = operations.findIndex(({ created_at: from, ended_at: to }) => isDuring(from, to));
  const steps = operations[number]?.steps.filter((row) => isDuring(row.started_at, row.ended_at)) ?? [];
  return number < 0 ? phase : `rotation ${number + 1}: ${steps.map(({ step }) => step).join(', ')}`;
}
