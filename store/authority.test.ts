import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { openAuthority } from './authority.ts';
import type { Database } from './database.ts';
import { createSecrets } from './secrets.ts';

/** One collection in memory: what the authority needs of a database. */
function memory(): Database {
  const documents = new Map<string, object>();
  const collection = {
    findOne: async ({ _id }: { _id: string }) => documents.get(_id) ?? null,
    insertOne: async (document: { _id: string }) => {
      if (documents.has(document._id)) throw Object.assign(new Error('duplicate'), { code: 11_000 });
      documents.set(document._id, document);
    },
  };
  return { db: { collection: () => collection }, ping: async () => {}, close: async () => {} } as unknown as Database;
}

test('a client that trusts the authority reaches a server with an issued certificate, others do not', async () => {
  const authority = await openAuthority(memory(), createSecrets(randomBytes(32)));
  const issued = await authority.issue(['127.0.0.1', 'localhost']);
  const server = https.createServer({ cert: issued.certificate, key: issued.privateKey }, (_, reply) =>
    reply.end('ok'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    assert.equal(await statusOf(url, authority.certificate), 200);
    await assert.rejects(statusOf(url, undefined), /certificate/);
  } finally {
    server.close();
  }
});

test('two processes that start at once share one authority', async () => {
  const database = memory();
  const secrets = createSecrets(randomBytes(32));
  const [first, second] = await Promise.all([openAuthority(database, secrets), openAuthority(database, secrets)]);
  assert.equal(first.certificate, second.certificate);
});

function statusOf(url: string, ca: string | undefined): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    https
      .get(url, { ...(ca === undefined ? {} : { ca }), agent: false }, (reply) => {
        reply.resume();
        resolve(reply.statusCode);
      })
      .on('error', reject);
  });
}
