import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { waitFor } from './deadlines.ts';
import {
  killProcess,
  logTail,
  processId,
  processState,
  recordProcess,
  startProcess,
  stopProcess,
  waitForProcess,
} from './processes.ts';

suite('processes', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dcdget-processes-'));
  });

  afterEach(async () => {
    await killProcess(folder, 'sleeper');
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (script: string) =>
    startProcess(folder, { name: 'sleeper', command: 'sh', args: ['-c', script], env: { PATH: process.env['PATH'] } });

  test('a started process is up until it is stopped', async () => {
    await start('echo begun; exec sleep 60');
    assert.equal(processState(folder, 'sleeper'), 'up');
    await waitFor({ awaited: 'its first line', timeoutMs: 5000 }, async () => logTail(folder, 'sleeper') || null);
    await stopProcess(folder, 'sleeper');
    assert.equal(processState(folder, 'sleeper'), 'stopped');
    assert.equal(logTail(folder, 'sleeper'), 'begun');
  });

  test('a process that ends by itself has died', async () => {
    await start('exit 3');
    await waitFor({ awaited: 'the process to end', timeoutMs: 5000 }, async () =>
      processState(folder, 'sleeper') === 'died' ? true : null,
    );
  });

  test('stopping ends the children of a process that ignores the signal', async () => {
    await start('trap "" TERM; sleep 61 & echo $!; wait; sleep 62');
    const firstLine = async () => logTail(folder, 'sleeper') || null;
    const child = Number(await waitFor({ awaited: "the child's number", timeoutMs: 5000 }, firstLine));
    await stopProcess(folder, 'sleeper', { graceMs: 100 });
    await waitFor({ awaited: 'the child to end', timeoutMs: 5000 }, async () => (isRunning(child) ? null : true));
  });

  test('a process number that another process got meanwhile is left alone', async () => {
    await start('exec sleep 60');
    const pid = processId(folder, 'sleeper');
    assert.ok(pid !== null);
    const file = join(folder, 'run', 'sleeper.json');
    const record = JSON.parse(readFileSync(file, 'utf8')) as { startTicks: number };
    writeFileSync(file, JSON.stringify({ ...record, startTicks: record.startTicks - 1 }));
    assert.equal(processState(folder, 'sleeper'), 'died');
    await stopProcess(folder, 'sleeper');
    assert.equal(isRunning(pid), true);
    process.kill(pid, 'SIGKILL');
  });

  test('waiting for a process that dies tells its last lines at once', async () => {
    await start('echo no disk >&2; exit 1');
    const waiting = waitForProcess(folder, 'sleeper', { awaited: 'ever', timeoutMs: 60_000 }, async () => null);
    await assert.rejects(waiting, { message: 'sleeper ended while it was starting', output: 'no disk' });
  });

  test('a command that is not there is one sentence', async () => {
    await assert.rejects(startProcess(folder, { name: 'sleeper', command: '/no/such', args: [] }), {
      code: 'unavailable',
      message: /^sleeper cannot be started: /,
    });
  });

  test('a process that runs already can be written down', () => {
    recordProcess(folder, 'own', process.pid);
    assert.equal(processId(folder, 'own'), process.pid);
  });
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
