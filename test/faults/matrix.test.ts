// Every fault at every step of a deploy. Chosen by the environment: DCDGET_FAULTS_SEED orders the scenarios,
// DCDGET_FAULTS_ONLY (step:mode, step or :mode) picks, DCDGET_FAULTS_SAMPLE takes the first so many.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isFinal } from '../../domain/operations.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { clearFailpoint, hasFired, placeFailpoint } from './failpoints.ts';
import {
  assertFenced,
  assertNoOrphans,
  assertNoSecretInRecords,
  assertNoSecretOnServers,
  assertNothingLost,
  assertOneRelease,
  assertRecordIsTrue,
  assertReleaseCommandsRanOnce,
  differenceOf,
} from './invariants.ts';
import { startLoad, type LoadReport } from './load.ts';
import { randomFrom, shuffled } from './random.ts';
import { deployed, type Deployed } from './rehearsal.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { createSubject, MARKS, type Mark, type Subject } from './subject.ts';
import { lookAtRest, recordedLines, type World } from './world.ts';

const APP = 'faulted';
/** Ample for retries within the rig's budget; a worker that was killed is missed for eight seconds. */
const END_DEADLINE_MS = 90_000;
const seed = Number(process.env['DCDGET_FAULTS_SEED'] ?? Date.now() % 1_000_000);

let rig: Rig;
let subject: Subject;
let without: string[];
let live: Mark;

before(async () => {
  rig = await useRig('faults');
  subject = await createSubject(rig, APP);
  live = 'second';
  const world = await lookAtRest(subject);
  const recorded = await recordedLines(subject, world);
  without = world.listing.filter((line) => !recorded.includes(line));
  await assertOneRelease(subject, world, live);
});
after(async () => {
  clearFailpoint(rig);
  await subject.remove();
  await rig.stop();
});

console.log(`seed ${seed}`);
for (const scenario of chosen(seed))
  test(`${scenario.step} ${scenario.mode}: ${scenario.proves}`, () => play(scenario));

test('no config value is in a history, a log, a process list, an operation or a release', async () => {
  await assertNoSecretOnServers(subject);
  await assertNoSecretInRecords(subject);
});

async function play(scenario: Scenario): Promise<void> {
  const earlier = await lookAtRest(subject);
  const load = startLoad(rig, APP);
  let report: LoadReport | undefined;
  try {
    const next = MARKS.find((mark) => mark !== live) ?? 'first';
    placeFailpoint(rig, scenario);
    const gone = await deployed(subject, next, END_DEADLINE_MS);
    const { operation } = gone;
    assertAnswered(gone);
    if (operation.state === 'succeeded') live = next;
    assert.ok(hasFired(rig), `${scenario.step} was never reached, so nothing was proved`);
    assert.equal(operation.state, scenario.ends, JSON.stringify(operation.failure));
    const world = await lookAtRest(subject);
    if (scenario.ends === 'cancelled') assertUnchanged(earlier, world);
    await assertNoOrphans(subject, world, without);
    await assertRecordIsTrue(subject, world, operation);
    await assertOneRelease(subject, world, live);
    await assertFenced(subject, world);
    await assertReleaseCommandsRanOnce(subject);
  } finally {
    clearFailpoint(rig);
    report = await load.stop();
  }
  assertNothingLost(report);
}

/** I9: the command has a final answer, and its exit code agrees with it. */
function assertAnswered({ ran, operation }: Deployed): void {
  const said = ran.stdout + ran.stderr;
  assert.ok(isFinal(operation.state), `the operation is ${operation.state}\n${said}`);
  assert.equal(ran.exitCode, operation.state === 'succeeded' ? 0 : 1, said);
}

/** I2, I4: record and servers are as they were before. */
function assertUnchanged(earlier: World, now: World): void {
  assert.deepEqual(differenceOf(now.listing, earlier.listing), { tooMuch: [], missing: [] });
  assert.deepEqual(now.reservations, earlier.reservations);
  assert.deepEqual([now.current, now.config], [earlier.current, earlier.config]);
}

function chosen(by: number): Scenario[] {
  const only = process.env['DCDGET_FAULTS_ONLY'];
  const [step, mode] = only?.split(':') ?? [];
  const fitting = SCENARIOS.filter((one) => (!step || one.step === step) && (!mode || one.mode === mode));
  if (fitting.length === 0) throw new Error(`no scenario is ${only}; they are step:mode, such as createContainer:kill`);
  const sample = Number(process.env['DCDGET_FAULTS_SAMPLE'] ?? fitting.length);
  return shuffled(fitting, randomFrom(by)).slice(0, sample);
}
