import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Branch } from '../domain/branches.ts';
import type { OperationInput } from '../domain/operations.ts';
import { bundleKey } from '../objects/keys.ts';
import { dropPushed, moveBranch } from './branches.ts';

const HEAD = { name: 'main', commit: 'a'.repeat(40), bundles: ['one'] };

/** What is kept in S3 of app `a` after an operation has moved its branch. */
async function keptAfter(moved: Branch | null, stored: string[]): Promise<string[]> {
  const keys = new Set(stored.map((id) => bundleKey('a', id)));
  type Deps = Parameters<typeof moveBranch>[0];
  const deps = {
    store: {
      branches: {
        get: async () => ({ push: moved === null ? null : { operationId: 'o' } }),
        move: async () => moved,
      },
    },
    objects: {
      list: async () => [...keys],
      removeAll: async (key: string) => Number(keys.delete(key)),
    },
  } as unknown as Deps;
  await moveBranch(deps, { appId: 'a', operationId: 'o' } as OperationInput);
  return [...keys].map((key) => key.replace(/^.*\/|\.bundle$/g, ''));
}

test('a branch that moved keeps the bundles that make it up, and no others', async () => {
  const branch = { appId: 'a', chosen: null, head: { ...HEAD, bundles: ['one', 'three'] }, push: null };
  assert.deepEqual(await keptAfter(branch, ['one', 'two', 'three']), ['one', 'three']);
});

test('a live release does not wait for an object store that is away', async () => {
  const moved: string[] = [];
  const deps = {
    store: {
      branches: {
        get: async () => ({ push: { operationId: 'o' } }),
        move: async (appId: string) => {
          moved.push(appId);
          return { head: HEAD };
        },
      },
    },
    objects: { list: () => Promise.reject(new Error('away')) },
  } as unknown as Parameters<typeof moveBranch>[0];
  await moveBranch(deps, { appId: 'a', operationId: 'o' } as OperationInput);
  assert.deepEqual(moved, ['a']);
});

test('an operation that no push began touches no bundle', async () => {
  assert.deepEqual(await keptAfter(null, ['one', 'two']), ['one', 'two']);
});

/** Whether the bundle of operation `o` is kept when that has come to nothing. */
async function isKept(branch: Pick<Branch, 'head' | 'push'>): Promise<boolean> {
  const removed: string[] = [];
  const deps = {
    store: { branches: { get: async () => ({ appId: 'a', chosen: null, ...branch }) } },
    objects: { removeAll: async (key: string) => removed.push(key) },
  } as unknown as Parameters<typeof dropPushed>[0];
  await dropPushed(deps, 'a', 'o');
  assert.ok(removed.every((key) => key === bundleKey('a', 'o')));
  return removed.length === 0;
}

test('what a push brought goes with its deploy, and only then', async () => {
  const push = { operationId: 'o', by: 'ada', head: HEAD, startedAt: new Date() };
  assert.equal(await isKept({ head: HEAD, push }), false);
  assert.equal(await isKept({ head: null, push }), false);
  assert.equal(await isKept({ head: { ...HEAD, bundles: ['one', 'o'] }, push }), true);
  assert.equal(await isKept({ head: HEAD, push: { ...push, operationId: 'other' } }), true);
  assert.equal(await isKept({ head: HEAD, push: null }), true);
});
