import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { requireDisk, requireMemory } from './requirements.ts';

const GIB = 1024 ** 3;

suite('requirements', () => {
  test('a disk with too little room is told with what is free and what is needed', () => {
    assert.throws(() => requireDisk('/data', 8, { bavail: 3, bsize: GIB }), {
      code: 'disk_full',
      message: '/data has 3.0 GiB free and 8 GiB are needed',
    });
    requireDisk('/data', 8, { bavail: 9, bsize: GIB });
  });

  test('too little memory is told', () => {
    assert.throws(() => requireMemory(2 * GIB), { message: 'this machine has 2.0 GiB of memory and 3 GiB are needed' });
    requireMemory(2.9 * GIB);
  });
});
