import assert from 'node:assert/strict';
import { test } from 'node:test';
import { together } from './together.ts';

const never = new AbortController().signal;

test('what is done together is told in its order', async () => {
  assert.deepEqual(await together(never, () => [Promise.resolve(1), Promise.resolve('two')]), [1, 'two']);
});

test('the first failure aborts the rest, and is told once that has ended', async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const signals: AbortSignal[] = [];
  let isTold = false;
  const both = together(never, (signal) => {
    signals.push(signal);
    return [Promise.reject(new Error('no slug')), ended];
  });
  const told = assert.rejects(both, /no slug/).then(() => (isTold = true));
  await new Promise(setImmediate);
  assert.deepEqual([signals[0]?.aborted, isTold], [true, false]);
  end();
  await told;
});

test('who cancels aborts all of it', async () => {
  const cancelled = AbortSignal.abort(new Error('cancelled'));
  await assert.rejects(
    together(cancelled, (signal) => [Promise.resolve().then(() => signal.throwIfAborted())]),
    /cancelled/,
  );
});
