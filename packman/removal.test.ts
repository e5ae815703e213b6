import assert from 'node:assert/strict';
import { test } from 'node:test';
import { removed } from './removal.ts';

/** A folder that is busy for so many attempts, and what the log is told. */
async function removedAfter(busy: number) {
  let attempts = 0;
  const events: string[] = [];
  const folder = {
    path: '/builds/build-1',
    async remove() {
      attempts += 1;
      if (attempts <= busy) throw new Error('busy');
    },
  };
  await removed(folder, { log: (event) => void events.push(event), pauseMs: 1 });
  return { attempts, events };
}

test('a build folder that is busy is removed as soon as it can be', async () => {
  assert.deepEqual(await removedAfter(0), { attempts: 1, events: [] });
  const again = 'not removed yet, trying again';
  assert.deepEqual(await removedAfter(2), { attempts: 3, events: [again, again] });
});

test('a build folder that stays busy is given up after five attempts, and the log says so', async () => {
  const { attempts, events } = await removedAfter(99);
  assert.equal(attempts, 5);
  assert.equal(events.at(-1), 'not removed, its slot is given free');
});
