import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingPackages } from './apt.ts';

const STATES = ['lxc installed', 'libc6:amd64 installed', 'nftables config-files', 'zstd half-configured'].join('\n');

test('only packages that are wholly installed count as there', () => {
  assert.deepEqual(missingPackages(['lxc', 'libc6', 'nftables', 'zstd', 'debootstrap'], STATES), [
    'nftables',
    'zstd',
    'debootstrap',
  ]);
});
