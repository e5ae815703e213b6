import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from './locks.ts';

suite('locks', () => {
  test('one at a time has the lock, and it is free again afterwards', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'dcdget-locks-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'lock');
    let holders = 0;
    const work = async () => {
      holders += 1;
      assert.equal(holders, 1);
      await sleep(50);
      holders -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withLock(file, { timeoutMs: 5000, busy: 'busy' }, work)));
    await withLock(file, { timeoutMs: 5000, busy: 'busy' }, async () => {
      const second = withLock(file, { timeoutMs: 0, busy: 'somebody has it' }, work);
      await assert.rejects(second, { code: 'conflict', message: 'somebody has it' });
    });
  });
});
