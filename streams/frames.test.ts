import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createFrameReader, frame, MAX_FRAME_BYTES } from './frames.ts';

suite('frames', () => {
  test('frames torn at every byte come out whole and in order', () => {
    const texts = ['a', 'second line', 'größer ✓'];
    const bytes = Buffer.from(texts.map(frame).join(''));
    for (let size = 1; size <= bytes.length; size += 1) {
      const read = createFrameReader();
      const found: string[] = [];
      for (let offset = 0; offset < bytes.length; offset += size)
        found.push(...read(bytes.subarray(offset, offset + size)));
      assert.deepEqual(found, texts, `in pieces of ${size} bytes`);
    }
  });

  test('a frame as large as may be is taken, and a larger one is refused before it has come', () => {
    const text = 'x'.repeat(MAX_FRAME_BYTES);
    assert.deepEqual(createFrameReader()(Buffer.from(frame(text))), [text]);
    assert.throws(() => createFrameReader()(Buffer.from(`${MAX_FRAME_BYTES + 1} `)), { code: 'too_large' });
  });

  for (const wrong of ['hello', '0 ', '-1 x', '01 x', ' 5 x', '<14>1 no length', '99999999', '5\nabcde', '1e3 x']) {
    test(`${JSON.stringify(wrong)} is no length`, () => {
      assert.throws(() => createFrameReader()(Buffer.from(wrong)), { code: 'bad_request' });
    });
  }
});
