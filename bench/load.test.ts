import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPeer } from './load-peer.ts';
import { startLoad } from './load.ts';

const RATE = 300;
const LOAD_MS = 2000;

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

async function listen(peer: Server) {
  server = peer.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { host: '127.0.0.1', port, appHost: 'peer', rate: RATE };
}

test('the connections that the load counts are those that the server saw, kept ones few and fresh ones one each', async () => {
  let accepted = 0;
  let answered = 0;
  const peer = createPeer()
    .on('connection', () => (accepted += 1))
    .on('request', () => (answered += 1));
  using load = await startLoad(await listen(peer));
  await sleep(LOAD_MS);
  const report = await load.stop();

  assert.equal(report.lost, 0);
  assert.deepEqual(report.distrust, []);
  assert.equal(report.requests, answered);
  assert.equal(report.connectionsOpened, accepted);
  assert.equal(report.ways['fresh']?.connectionsOpened, report.ways['fresh']?.requests);
  assert.ok((report.ways['keep-alive GET']?.connectionsOpened ?? Infinity) <= 64);
  assert.ok(report.requests >= (RATE * LOAD_MS * 0.95) / 1000, `only ${report.requests} requests were sent`);
});

test('a stall of the server is felt by every request that was due in it', async () => {
  using load = await startLoad(await listen(createPeer()));
  load.beginPhase('stalled');
  // The server runs in this process, the load does not.
  await sleep(500);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  await sleep(500);
  const { phases, lost } = await load.stop();

  assert.equal(lost, 0);
  const stalled = phases['stalled'];
  assert.ok(stalled && stalled.maxMs >= 390 && stalled.p99Ms >= 350, JSON.stringify(stalled));
});

test('every broken connection, wrong status and refused connection is a lost request of its kind', async () => {
  const peer = createPeer();
  const [answer] = peer.listeners('request') as ((...call: unknown[]) => void)[];
  let seen = 0;
  let broken = 0;
  let wrong = 0;
  peer.removeAllListeners('request').on('request', (request, response) => {
    seen += 1;
    if (seen % 20 === 0) {
      broken += 1;
      request.socket.destroy();
    } else if (seen % 20 === 10) {
      wrong += 1;
      request.resume();
      response.writeHead(502).end('broken\n');
    } else answer?.(request, response);
  });
  using load = await startLoad(await listen(peer));
  await sleep(LOAD_MS);
  const report = await load.stop();

  const lost = (kind: string) => report.losses.filter((loss) => loss.kind === kind).length;
  assert.ok(broken > 5 && wrong > 5);
  assert.equal(lost('ECONNRESET'), broken);
  assert.equal(lost('status'), wrong);
  assert.equal(report.lost, broken + wrong);

  peer.closeAllConnections();
  const { port } = peer.address() as AddressInfo;
  peer.close();
  using refused = await startLoad({ host: '127.0.0.1', port, appHost: 'peer', rate: RATE });
  await sleep(300);
  const refusals = await refused.stop();
  assert.ok(refusals.lost > 0);
  assert.equal(refusals.lost, refusals.requests);
  assert.equal(refusals.losses[0]?.kind, 'ECONNREFUSED');
});

test('a WebSocket that its instance drops while it still serves died before its budget', async () => {
  const peer = createPeer().on('upgrade', (_request, socket: Socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    socket.write(textFrame('peer.web.1.v1.1 v1'));
    setTimeout(() => socket.end(Buffer.from([0x88, 2, 0x03, 0xe9])), 700);
  });
  const address = await listen(peer);
  const reopening = reopened(peer);
  using load = await startLoad({ ...address, socketBudgetMs: 3000 });
  await reopening;
  const { socket } = await load.stop();

  assert.match(socket?.diedEarly[0] ?? '', /peer\.web\.1\.v1\.1: closed with 1001/);
});

test('a WebSocket echoes, and one that answers another text has died', async () => {
  const peer = createPeer().on('upgrade', (_request, socket: Socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    socket.write(textFrame('peer.web.1.v1.1 v1'));
    let heard = 0;
    socket.on('data', (frames) => {
      for (const text of textsOf(frames)) {
        heard += 1;
        socket.write(textFrame(heard < 4 ? text : 'something else'));
      }
    });
  });
  const address = await listen(peer);
  const reopening = reopened(peer);
  using load = await startLoad({ ...address, socketBudgetMs: 3000 });
  await reopening;
  const { socket, lost } = await load.stop();

  assert.equal(lost, 0);
  assert.ok(socket && socket.echoes >= 3);
  assert.match(socket.diedEarly[0] ?? '', /echoed another text: something else/);
});

test('no load goes to an address that is no simulated server', async () => {
  await assert.rejects(startLoad({ host: '198.18.255.254', port: 80, appHost: 'peer', rate: 1 }), /no load is sent/);
  await assert.rejects(startLoad({ host: '192.0.2.1', port: 80, appHost: 'peer', rate: 1 }), /no load is sent/);
});

/** Until the load has opened a second WebSocket. */
async function reopened(peer: Server): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  for (let opened = 0; opened < 2; opened += 1) await once(peer, 'upgrade', { signal });
}

function textFrame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]);
}

/** What a client sent: masked frames, whole ones. */
function textsOf(frames: Buffer): string[] {
  if (frames.length < 6) return [];
  const end = 6 + ((frames[1] ?? 0) & 0x7f);
  const text = frames.subarray(6, end).map((byte, at) => byte ^ (frames[2 + (at % 4)] ?? 0));
  return [Buffer.from(text).toString(), ...textsOf(frames.subarray(end))];
}
