import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { readHistory } from '../histories/scrub.ts';
import { workflowBundle } from '../../workers/bundle.ts';

const HISTORIES = join(import.meta.dirname, '../histories');

Runtime.install({ logger: new DefaultLogger('ERROR') });

test('operations that were recorded, each kind to each of its ends, go the same way with the present workflows', async () => {
  const files = globSync('*.json', { cwd: HISTORIES }).toSorted();
  assert.ok(files.length >= 25, `only ${files.length} histories are recorded`);
  const histories = files.map((file) => ({
    workflowId: basename(file, '.json'),
    history: readHistory(readFileSync(join(HISTORIES, file), 'utf8')),
  }));
  const others: string[] = [];
  let replayed = 0;
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle: await workflowBundle() },
    histories,
  )) {
    replayed += 1;
    if (error !== undefined) others.push(`${workflowId}: ${error.message}`);
  }
  assert.equal(replayed, files.length);
  assert.deepEqual(others, [], 'bin/test record-histories records anew what may change');
});
