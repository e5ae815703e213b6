import assert from 'node:assert/strict';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { rendezvousSecret, type Side, type Signing } from '../domain/rendezvous.ts';
import { makeAuthority } from '../cli/fake-authority.ts';
import { openRendezvous, type Rendezvous, type RendezvousPlan } from './rendezvous.ts';

const WAIT_MS = 5000;
const authority = makeAuthority();
const tls = { certificate: authority.server.cert, privateKey: authority.server.key };
const key = randomBytes(32);
const mac = (text: string) => createHmac('sha256', key).update(text).digest('base64url');
const signing: Signing = {
  sign(thing, validMs) {
    const expires = Date.now() + validMs;
    return `${expires}.${mac(`${expires} ${thing}`)}`;
  },
  isValid(token, thing) {
    const [expires = '', given] = token.split('.');
    return Number(expires) >= Date.now() && given === mac(`${expires} ${thing}`);
  },
};

async function opened(t: { after(end: () => Promise<void>): void }, plan: Partial<RendezvousPlan> = {}) {
  const rendezvous = await openRendezvous({ listen: [{ host: '127.0.0.1', port: 0 }], tls, signing, ...plan });
  t.after(() => rendezvous.close());
  return rendezvous;
}

function secretOf(side: Side, sessionId: string, validMs?: number): string {
  return rendezvousSecret(signing, { side, sessionId, nonce: randomBytes(16).toString('hex') }, validMs);
}

/** A connection and all that it was told, in the pieces in which it came. */
type Guest = {
  socket: TLSSocket;
  pieces: Buffer[];
  text(): string;
  ended: Promise<void>;
  hears(text: string): Promise<void>;
};

async function come({ ports: [port] }: Rendezvous, line: string | null, localAddress = '127.0.0.1'): Promise<Guest> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    ca: authority.ca,
    servername: '',
    localAddress,
    allowHalfOpen: true,
  } as object);
  const pieces: Buffer[] = [];
  socket.on('error', () => undefined);
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  await once(socket, 'secureConnect', { signal: AbortSignal.timeout(WAIT_MS) });
  if (line !== null) socket.write(`${line}\r\n`);
  const text = () => Buffer.concat(pieces).toString('latin1');
  const ended = Promise.race([once(socket, 'end'), once(socket, 'close')]).then(() => undefined);
  const hears = async (wanted: string): Promise<void> => {
    const until = Date.now() + WAIT_MS;
    while (!text().includes(wanted)) {
      assert.ok(Date.now() < until, `heard ${JSON.stringify(text())} and not ${JSON.stringify(wanted)}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  return { socket, pieces, text, ended, hears };
}

async function pair(rendezvous: Rendezvous, sessionId = randomUUID()): Promise<[Guest, Guest]> {
  const client = await come(rendezvous, secretOf('client', sessionId));
  const instance = await come(rendezvous, secretOf('instance', sessionId));
  await Promise.all([client.hears('rendezvous\r\n'), instance.hears('rendezvous\r\n')]);
  return [client, instance];
}

test('two parties with the secrets of one session are greeted and then hear each other, bytes as they are', async (t) => {
  const [client, instance] = await pair(await opened(t));
  const bytes = randomBytes(300_000);
  client.socket.write(bytes);
  instance.socket.write('hello');
  await client.hears('rendezvous\r\nhello');
  await instance.hears(bytes.toString('latin1'));
  assert.equal(client.pieces[0]?.toString(), 'rendezvous\r\n');
});

test('what a party says with its secret, and before the other one comes, is kept for it', async (t) => {
  const rendezvous = await opened(t);
  const id = randomUUID();
  const client = await come(rendezvous, `${secretOf('client', id)}\r\nfirst`);
  await client.hears('rendezvous\r\n');
  client.socket.write('second');
  const instance = await come(rendezvous, secretOf('instance', id));
  await instance.hears('first\r\nsecond');
});

test('the instance is heard a moment after the greeting, in a piece of its own', async (t) => {
  const rendezvous = await opened(t);
  const id = randomUUID();
  const instance = await come(rendezvous, secretOf('instance', id));
  instance.socket.write('prompt');
  const client = await come(rendezvous, secretOf('client', id));
  await client.hears('rendezvous\r\nprompt');
  assert.deepEqual(client.pieces.map(String), ['rendezvous\r\n', 'prompt']);
});

test('what is written in one piece arrives in one piece', async (t) => {
  const [client, instance] = await pair(await opened(t));
  for (let number = 0; number < 200; number += 1) {
    await new Promise((resolve) => instance.socket.write(`line ${number}\n`.padEnd(10_000, '.'), resolve));
  }
  instance.socket.end('the last words');
  await client.ended;
  assert.equal(client.pieces.at(-1)?.toString(), 'the last words');
});

test('the end of the instance ends the client after the last byte, and the other way round', async (t) => {
  const rendezvous = await opened(t);
  const [client, instance] = await pair(rendezvous);
  instance.socket.end(Buffer.alloc(2_000_000, 'x'));
  await client.ended;
  assert.equal(client.text().length, 2_000_000 + 'rendezvous\r\n'.length);

  const [gone, left] = await pair(rendezvous);
  gone.socket.destroy();
  await left.ended;
});

test('a client that has said all still hears the rest', async (t) => {
  const [client, instance] = await pair(await opened(t));
  client.socket.end('all');
  await instance.hears('all');
  await instance.ended;
  instance.socket.end('answer');
  await client.hears('answer');
});

test('wrong, used, expired, cut and endless first lines come to the same end after the same time', async (t) => {
  const rendezvous = await opened(t, { limits: { refuseMs: 200 } });
  const id = randomUUID();
  const good = secretOf('client', id);
  await (await come(rendezvous, good)).hears('rendezvous');
  const lines = {
    used: good,
    wrong: secretOf('client', id).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    expired: secretOf('client', id, -1),
    'of the other side': secretOf('client', id).replace('client', 'instance'),
    'no secret': 'hello',
    empty: '',
    endless: 'x'.repeat(10_000),
  };
  for (const [name, line] of Object.entries(lines)) {
    const guest = await come(rendezvous, line);
    const since = performance.now();
    await guest.ended;
    const tookMs = performance.now() - since;
    assert.equal(guest.text(), '', name);
    assert.ok(tookMs > 150 && tookMs < 600, `${name} ended after ${tookMs} ms`);
  }
});

test('a secret of before the rendezvous began is not taken: it may have been used', async (t) => {
  const line = secretOf('client', randomUUID());
  await new Promise((resolve) => setTimeout(resolve, 5));
  const guest = await come(await opened(t, { limits: { refuseMs: 10 } }), line);
  await guest.ended;
  assert.equal(guest.text(), '');
});

test('who says nothing, in plain text or behind TLS, is put out after its time', async (t) => {
  const rendezvous = await opened(t, { limits: { headerMs: 150 } });
  const silent: Socket = connectPlain({ host: '127.0.0.1', port: rendezvous.ports[0] ?? 0 });
  silent.on('error', () => undefined).resume();
  const quiet = await come(rendezvous, null);
  const slow = await come(rendezvous, null);
  slow.socket.write('cl');
  const garbage = connectPlain({ host: '127.0.0.1', port: rendezvous.ports[0] ?? 0 });
  garbage.on('error', () => undefined).resume();
  garbage.write('GET / HTTP/1.1\r\n\r\n');
  await Promise.all([once(silent, 'close'), quiet.ended, slow.ended, once(garbage, 'close')]);
});

test('a party that waits in vain is let go', async (t) => {
  const hungUp: string[] = [];
  const rendezvous = await opened(t, { limits: { waitMs: 100 }, onHangUp: (id) => hungUp.push(id) });
  const id = randomUUID();
  const [client, instance] = [
    await come(rendezvous, secretOf('client', randomUUID())),
    await come(rendezvous, secretOf('instance', id)),
  ];
  await Promise.all([client.ended, instance.ended]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(hungUp, [id]);
});

test('two who say nothing for too long are let go', async (t) => {
  const [client, instance] = await pair(await opened(t, { limits: { idleMs: 100 } }));
  await Promise.all([client.ended, instance.ended]);
});

test('an instance that can be taken up again is told a secret for the next time, and a new client replaces the old', async (t) => {
  const rendezvous = await opened(t);
  const id = randomUUID();
  const instance = await come(rendezvous, `${secretOf('instance', id)} wait=600`);
  const client = await come(rendezvous, secretOf('client', id));
  instance.socket.write('one');
  await client.hears('one');
  const next = /^rendezvous (\S+)\r\n/.exec(instance.text())?.[1] ?? '';

  const again = await come(rendezvous, secretOf('client', id));
  await Promise.all([client.ended, instance.ended]);
  const back = await come(rendezvous, `${next} wait=600`);
  back.socket.write('two');
  await again.hears('rendezvous\r\ntwo');
});

test('one address may have so many strangers, and a stranger makes room for who comes new', async (t) => {
  const rendezvous = await opened(t, { limits: { strangersOfAddress: 3, connections: 6 } });
  const [client, instance] = await pair(rendezvous);
  const first = await come(rendezvous, null, '127.0.0.2');
  await come(rendezvous, null, '127.0.0.2');
  await come(rendezvous, null, '127.0.0.2');
  await assert.rejects(come(rendezvous, null, '127.0.0.2'));
  await come(rendezvous, null, '127.0.0.3');
  await come(rendezvous, null, '127.0.0.3');
  await first.ended;
  client.socket.write('still here');
  await instance.hears('still here');
});
