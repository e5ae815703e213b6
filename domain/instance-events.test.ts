import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNewer, presentProblem, problemsOf, type InstanceStatus, type KeptEvent } from './instance-events.ts';

const BEGIN = Date.parse('2026-01-02T03:00:00Z');
const BOOT_SECONDS = 60;

function event(n: number, state: KeptEvent['state'], seconds: number, facts: Partial<KeptEvent> = {}): KeptEvent {
  return {
    instanceId: 'hello.web.1.v1.1',
    run: 'r',
    n,
    state,
    at: new Date(BEGIN + seconds * 1000),
    exitCode: null,
    signal: null,
    reason: null,
    oom: false,
    boundPort: null,
    sample: null,
    appId: 'a',
    process: 'web.1',
    version: 1,
    receivedAt: new Date(BEGIN + seconds * 1000),
    ...facts,
  };
}

const after = (seconds: number) => new Date(BEGIN + seconds * 1000);

test('within a run the number decides what is newer, between runs the clock', () => {
  const status: InstanceStatus = { ...event(3, 'up', 10), appId: 'a' };
  assert.equal(isNewer(event(4, 'crashed', 5), status), true);
  assert.equal(isNewer(event(2, 'crashed', 20), status), false);
  assert.equal(isNewer(event(1, 'starting', 11, { run: 's' }), status), true);
  assert.equal(isNewer(event(9, 'crashed', 9, { run: 's' }), status), false);
  assert.equal(isNewer(event(1, 'starting', 0), null), true);
});

test('crashes are H10, the third within ten minutes is a loop, a kill for want of memory is R15', () => {
  const crashes = [1, 60, 120, 800].map((seconds, index) => event(index + 1, 'crashed', seconds));
  const told = problemsOf([...crashes, event(9, 'crashed', 801, { oom: true })], BOOT_SECONDS);
  assert.deepEqual(
    told.map((problem) => problem?.code),
    ['H10', 'H10', 'H10', 'H10', 'R15'],
  );
  assert.deepEqual(
    told.map((problem) => problem?.message.includes('loop')),
    [false, false, true, false, false],
  );
});

test('a process that is not up in time is R10, while it starts and afterwards', () => {
  const slow = [event(1, 'starting', 0), event(2, 'up', 61)];
  assert.deepEqual(problemsOf(slow, BOOT_SECONDS, after(100))[0]?.code, 'R10');
  assert.deepEqual(problemsOf([event(1, 'starting', 0)], BOOT_SECONDS, after(59)), [null]);
  assert.equal(problemsOf([event(1, 'starting', 0)], BOOT_SECONDS, after(61))[0]?.code, 'R10');
  const status: InstanceStatus = { ...event(1, 'starting', 0), appId: 'a' };
  assert.equal(presentProblem(status, 512, BOOT_SECONDS, after(61))?.code, 'R10');
});

test('memory at its limit is R14', () => {
  const sample = { memoryBytes: 500 * 1024 * 1024, cpuSeconds: 1, pids: 3 };
  const status: InstanceStatus = { ...event(2, 'up', 0, { sample }), appId: 'a' };
  assert.equal(presentProblem(status, 512, BOOT_SECONDS)?.code, 'R14');
  assert.equal(presentProblem(status, 1024, BOOT_SECONDS), null);
});
