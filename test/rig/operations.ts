import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../../cli/api-types.ts';
import { isFinal } from '../../domain/operations.ts';
import type { Rig } from './rig.ts';

const LOOK_EVERY_MS = 100;

/** The operation once it has ended, however it did. */
export async function finished(rig: Rig, id: string, timeoutMs = 120_000): Promise<Operation> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const operation = await rig.api.operation(id);
    if (isFinal(operation.state)) return operation;
    assert.ok(Date.now() < deadline, `operation ${id} did not end; it is ${operation.state}`);
    await sleep(LOOK_EVERY_MS);
  }
}
