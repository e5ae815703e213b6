import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operationSentence } from './announcements.ts';
import type { Operation } from './operations.ts';

const DEPLOY: Operation = {
  id: 'o',
  kind: 'deploy',
  appId: 'a',
  subject: 'hello',
  sequence: 1,
  version: 12,
  scope: null,
  change: {},
  keep: [],
  formation: null,
  state: 'running',
  actor: { id: 'u', email: 'ada@example.com' },
  failure: null,
  supersededBy: null,
  createdAt: new Date(0),
  startedAt: null,
  endedAt: null,
};
const failure = {
  step: 'checkHealth',
  code: 'health_check_failed',
  message: 'It never listened',
  hint: null,
  output: null,
} as const;

const said: [Partial<Operation>, string | null][] = [
  [{}, 'Deploy of v12 by ada@example.com began'],
  [{ state: 'succeeded' }, 'Release v12 created by ada@example.com'],
  [{ state: 'failed', failure }, 'Deploy of v12 failed: It never listened'],
  [{ state: 'needs-operator', failure }, 'Deploy of v12 needs an operator: It never listened'],
  [{ state: 'superseded' }, 'Deploy of v12 gave way to a newer one'],
  [{ state: 'queued' }, null],
  [{ kind: 'config' }, 'Config change to v12 by ada@example.com began'],
  [{ kind: 'restart', scope: 'web.1', state: 'succeeded' }, 'Restart of web.1 by ada@example.com is done'],
  [
    { kind: 'scale', change: { formation: { from: {}, to: { web: { quantity: 2, size: 'small' } } } } },
    'Scale to web=2:small by ada@example.com began',
  ],
  [{ kind: 'mode', change: { mode: { from: 'paused', to: 'serving' } } }, 'End of the pause by ada@example.com began'],
];

for (const [facts, sentence] of said) {
  test(`an operation says: ${sentence}`, () => {
    assert.equal(operationSentence({ ...DEPLOY, ...facts }), sentence);
  });
}
