import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { remembered } from './remembered.ts';

function counted<T>(answer: (times: number) => T, isKept?: (found: T) => boolean) {
  const asked: string[] = [];
  const find = async (key: string) => {
    asked.push(key);
    return answer(asked.length);
  };
  return { asked, ask: remembered(50, find, isKept) };
}

test('one thing is found once for all who ask within the time, and again after it', async () => {
  const { asked, ask } = counted((times) => times);
  assert.deepEqual(await Promise.all([ask('a'), ask('a'), ask('b')]), [1, 1, 2]);
  assert.equal(await ask('a'), 1);
  await sleep(80);
  assert.equal(await ask('a'), 3);
  assert.deepEqual(asked, ['a', 'b', 'a']);
});

test('what is not worth keeping is asked for again', async () => {
  const { asked, ask } = counted(
    (times) => times,
    (found) => found > 1,
  );
  assert.equal(await ask('a'), 1);
  assert.equal(await ask('a'), 2);
  assert.equal(await ask('a'), 2);
  assert.equal(asked.length, 2);
});

test('what failed is asked for again', async () => {
  const { ask } = counted((times) => {
    if (times === 1) throw new Error('the store is away');
    return times;
  });
  await assert.rejects(ask('a'), /away/);
  assert.equal(await ask('a'), 2);
});
