import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { endCommands, run } from './commands.ts';

suite('commands', () => {
  test('a command that succeeds gives what it printed on stdout', async () => {
    const lines: string[] = [];
    const args = ['-c', 'echo one; echo two >&2; echo three'];
    assert.equal(await run({ command: 'sh', args, timeoutMs: 5000, onLine: (line) => lines.push(line) }), 'one\nthree');
    assert.deepEqual(lines.toSorted(), ['one', 'three', 'two']);
  });

  test('a command that fails tells its exit code and the last lines of both streams', async () => {
    const args = ['-c', 'echo seen; exit 7'];
    await assert.rejects(run({ command: 'sh', args, timeoutMs: 5000 }), { message: 'sh -c exited 7', output: 'seen' });
  });

  test('a command that takes too long is ended with its children', async () => {
    const args = ['-c', 'sleep 63; echo never'];
    await assert.rejects(run({ command: 'sh', args, timeoutMs: 200 }), { message: 'sh -c took longer than 0.2 s' });
  });

  test('ending the commands ends those that run', async () => {
    const waiting = run({ command: 'sleep', args: ['64'], timeoutMs: 60_000 });
    setTimeout(endCommands, 100);
    await assert.rejects(waiting, { message: 'sleep 64 was ended by SIGKILL' });
  });

  test('a command reads its input', async () => {
    assert.equal(await run({ command: 'cat', args: [], input: 'one\ntwo', timeoutMs: 5000 }), 'one\ntwo');
    await run({ command: 'true', args: [], input: 'x'.repeat(1_000_000), timeoutMs: 5000 });
  });

  test('a command that is not there is one sentence', async () => {
    await assert.rejects(run({ command: 'no-such-command', args: ['x'], timeoutMs: 5000 }), {
      message: 'no-such-command x is not installed',
    });
  });
});
