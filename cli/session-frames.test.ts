import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countedBytes, createFrameReader, frame, number64 } from './session-frames.ts';
import { createOutbox } from './session-outbox.ts';

test('frames are read whole, wherever their bytes were cut', () => {
  const bytes = Buffer.concat([frame('o', Buffer.from('hello')), frame('p'), frame('x', Buffer.of(0, 0, 0, 7))]);
  for (let size = 1; size <= bytes.length; size += 1) {
    const read = createFrameReader();
    const frames = [];
    for (let at = 0; at < bytes.length; at += size) frames.push(...read(bytes.subarray(at, at + size)));
    assert.deepEqual(
      frames.map(({ kind, content }) => [kind, content.toString('latin1')]),
      [
        ['o', 'hello'],
        ['p', ''],
        ['x', '\0\0\0\u0007'],
      ],
    );
  }
});

test('what is no frame is refused', () => {
  assert.throws(() => createFrameReader()(Buffer.from('HTTP/1.1 400 Bad Request')));
});

test('input, output and the exit code count, and what keeps the connection does not', () => {
  const counted = (kind: string) => countedBytes({ kind, content: Buffer.alloc(3) });
  assert.deepEqual('oexizws'.split('').map(counted), Array(7).fill(8));
  assert.deepEqual('hap'.split('').map(counted), [0, 0, 0]);
});

test('a number that is not known is the highest there is', () => {
  assert.deepEqual([number64(258).toString('hex'), number64().toString('hex')], ['0000000000000102', 'f'.repeat(16)]);
});

test('a broken connection goes on behind what the other side has', () => {
  const outbox = createOutbox();
  const text = (pieces: readonly Buffer[]) => pieces.map(String);
  outbox.add(Buffer.from('one'));
  assert.deepEqual(text(outbox.resume(0)), ['one']);
  outbox.add(Buffer.from('two'));
  outbox.add(Buffer.from('three'));
  outbox.acknowledge(3);
  assert.equal(outbox.heldBytes(), 8);
  assert.deepEqual(text(outbox.resume(6)), ['three']);
  outbox.forget();
  assert.deepEqual([outbox.heldBytes(), text(outbox.resume(11))], [0, []]);
});

test('what is said to a session that somebody else began comes after all that it has heard', () => {
  const outbox = createOutbox();
  outbox.add(Buffer.from('mine'));
  assert.deepEqual(outbox.resume(1000).map(String), ['mine']);
  outbox.acknowledge(1004);
  assert.equal(outbox.heldBytes(), 0);
});
