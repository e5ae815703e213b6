import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BuildSlots } from './build-slots.ts';

const never = new AbortController().signal;
const unexpected = (): void => assert.fail('must not wait');

test('builds beside each other have slots of different numbers', async () => {
  const slots = new BuildSlots(2, 5);
  const [first, second] = [await slots.take(never, unexpected), await slots.take(never, unexpected)];
  assert.notEqual(first.number, second.number);
});

test('a build without a free slot waits, says so once, and gets the slot that is given back first', async () => {
  const slots = new BuildSlots(1, 5);
  const first = await slots.take(never, unexpected);
  let waits = 0;
  const second = slots.take(never, () => (waits += 1));
  first[Symbol.dispose]();
  assert.equal((await second).number, first.number);
  assert.equal(waits, 1);
});

test('waiting builds are served in the order in which they came', async () => {
  const slots = new BuildSlots(1, 5);
  const order: string[] = [];
  const first = await slots.take(never, unexpected);
  const others = ['a', 'b', 'c'].map(async (name) => {
    using slot = await slots.take(never, () => undefined);
    order.push(`${name}${slot.number}`);
  });
  first[Symbol.dispose]();
  await Promise.all(others);
  assert.deepEqual(order, ['a0', 'b0', 'c0']);
});

test('a build that is cancelled while it waits leaves the queue, and its turn goes to the next', async () => {
  const slots = new BuildSlots(1, 5);
  const first = await slots.take(never, unexpected);
  const cancel = new AbortController();
  const second = slots.take(cancel.signal, () => undefined);
  const third = slots.take(never, () => undefined);
  cancel.abort(new Error('cancelled'));
  await assert.rejects(second, /cancelled/);
  first[Symbol.dispose]();
  assert.equal((await third).number, 0);
});

test('a slot given back twice is free once', async () => {
  const slots = new BuildSlots(1, 0);
  const first = await slots.take(never, unexpected);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await slots.take(never, unexpected);
  await assert.rejects(slots.take(never, unexpected), { code: 'unavailable' });
});

test('a slot is free only when all that it is kept for has ended, whether it succeeds or fails', async () => {
  const slots = new BuildSlots(1, 5);
  const [one, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = await slots.take(never, unexpected);
  first.keepFor(one.promise);
  first.keepFor(other.promise);
  first[Symbol.dispose]();
  let isNext = false;
  const second = slots.take(never, () => undefined).then(() => (isNext = true));
  one.reject(new Error('the disk is busy'));
  await new Promise(setImmediate);
  assert.equal(isNext, false);
  other.resolve();
  await second;
});
