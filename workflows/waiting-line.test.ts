import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperationInput, OperationKind } from '../domain/operations.ts';
import { WaitingLine } from './waiting-line.ts';

const line = (...operations: OperationInput[]) => new WaitingLine({ waiting: operations, seen: [] });

function operation(operationId: string, kind: OperationKind = 'config'): OperationInput {
  return { operationId, kind, appId: 'a', subject: 'hello', sequence: 1, version: 1, budgetSeconds: 1 };
}

test('operations come in the order in which they were handed in', () => {
  const waiting = line(operation('1'), operation('2'));
  assert.equal(waiting.take()?.next.operationId, '1');
  assert.equal(waiting.take()?.next.operationId, '2');
  assert.equal(waiting.take(), null);
});

test('an operation handed in twice is taken once, also after it has run', () => {
  const waiting = line();
  assert.deepEqual(waiting.add(operation('1')), { operationId: '1', position: 1 });
  assert.deepEqual(waiting.add(operation('1')), { operationId: '1', position: 1 });
  waiting.take();
  assert.deepEqual(waiting.add(operation('1')), { operationId: '1', position: 0 });
  assert.equal(waiting.take(), null);
});

test('what a run has seen goes with it to the next run', () => {
  const waiting = line();
  waiting.add(operation('1'));
  const next = new WaitingLine({ waiting: waiting.waiting, seen: waiting.seen });
  next.add(operation('1'));
  assert.equal(next.waiting.length, 1);
});

test('a newer deploy supersedes waiting deploys and nothing else', () => {
  const waiting = line(operation('d1', 'deploy'), operation('c1'), operation('d2', 'deploy'));
  const turn = waiting.take();
  assert.deepEqual(
    turn?.superseded.map(({ operation: { operationId }, by }) => [operationId, by]),
    [['d1', 'd2']],
  );
  assert.equal(turn?.next.operationId, 'c1');
  assert.equal(waiting.take()?.next.operationId, 'd2');
});

test('a queued destroy is never superseded and keeps its place', () => {
  const waiting = line(operation('x', 'destroy'), operation('d1', 'deploy'));
  assert.equal(waiting.take()?.next.operationId, 'x');
});

test('a rollback goes before everything that waits', () => {
  const waiting = line(operation('c1'), operation('d1', 'deploy'), operation('r1', 'rollback'));
  assert.equal(waiting.take()?.next.operationId, 'r1');
  assert.equal(waiting.take()?.next.operationId, 'c1');
});

test('an operation that waits can be withdrawn, one that runs cannot', () => {
  const waiting = line(operation('1'), operation('2'));
  assert.equal(waiting.withdraw('2'), true);
  assert.equal(waiting.take()?.next.operationId, '1');
  assert.equal(waiting.withdraw('1'), false);
  assert.equal(waiting.take(), null);
});
