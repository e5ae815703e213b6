import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Output, OutputChunk } from '../store/output.ts';
import { openOutput } from './output.ts';

function createStore(chunks: OutputChunk[]): Output {
  const store: Pick<Output, 'write' | 'list'> = {
    write: async (chunk) => void chunks.push(chunk),
    list: async () => [...chunks],
  };
  return store as Output;
}

test('a build log is written in numbered pieces, in order', async () => {
  const chunks: OutputChunk[] = [];
  const output = await openOutput(createStore(chunks), 'one');
  output.write('a\n');
  output.write('b\n');
  await output.close();
  assert.deepEqual(chunks, [{ operationId: 'one', number: 1, text: 'a\nb\n' }]);
  assert.equal(output.text(), 'a\nb\n');
});

test('a retried compile writes behind the attempt before and says so: no reader is left with half a log', async () => {
  const chunks: OutputChunk[] = [];
  const store = createStore(chunks);
  for (const text of ['first attempt\n', 'second attempt\n']) {
    const output = await openOutput(store, 'one');
    output.write(text);
    await output.close();
  }
  assert.deepEqual(
    chunks.map(({ number }) => number),
    [1, 2],
  );
  assert.equal(
    chunks.map(({ text }) => text).join(''),
    'first attempt\n\n-----> Building again: the attempt before broke off\nsecond attempt\n',
  );
});
