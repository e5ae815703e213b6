import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { createForgetting } from './announcements.ts';
import type { Logs } from './logs.ts';
import type { SignedTokens } from './sessions.ts';

test('the log of an app that could not be forgotten is not held open', async () => {
  const refused = new Error('EIO');
  let released = 0;
  const use = async () => ({ log: { clear: () => Promise.reject(refused) }, release: () => void (released += 1) });
  const forget = createForgetting({ use } as unknown as Logs, { isValid: () => true } as unknown as SignedTokens);
  const request = { headers: { authorization: 'Bearer token' } } as IncomingMessage;
  await assert.rejects(
    async () => forget(request, {} as ServerResponse, new URL('https://streams/lines/app-a')),
    refused,
  );
  assert.equal(released, 1);
});
