import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { waitFor } from './deadlines.ts';
import { followLogs } from './log-files.ts';

suite('log files', () => {
  test('what is added is shown line by line under its process, also in a log that comes later', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'dcdget-logs-'));
    t.after(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'logs'));
    const api = join(folder, 'logs', 'api.log');
    writeFileSync(api, 'before\n');
    const shown: string[] = [];
    t.mock.method(console, 'log', (line: string) => shown.push(line));
    const ending = new AbortController();
    const following = followLogs(folder, ending.signal);
    appendFileSync(api, 'one\ntwo\nunfini');
    const lines = async (count: number) => waitForLines(shown, count);
    await lines(2);
    appendFileSync(api, 'shed\n');
    writeFileSync(join(folder, 'logs', 'worker.log'), 'ready\n');
    await lines(4);
    // Begun anew, as after its rotation.
    writeFileSync(api, 'a\n');
    await lines(5);
    ending.abort();
    await following;
    assert.deepEqual(shown.toSorted(), [
      'api      | a',
      'api      | one',
      'api      | two',
      'api      | unfinished',
      'worker   | ready',
    ]);
  });
});

async function waitForLines(shown: readonly string[], count: number): Promise<void> {
  const awaited = `${count} lines`;
  await waitFor({ awaited, timeoutMs: 5000 }, async () => (shown.length >= count ? true : null));
}
