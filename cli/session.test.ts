import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { CliError, EXIT } from './errors.ts';
import { makeAuthority } from './fake-authority.ts';
import { createFrameReader, frame, number64, type Frame } from './session-frames.ts';
import { openSession, type Again } from './session.ts';

const authority = makeAuthority();
const unreachable = new CliError('unreachable', 'nobody answers', { exitCode: EXIT.unreachable });

/** One connection, greeted, with what the client says on it. */
type Visit = { socket: TLSSocket; frames: Frame[]; hears(kind: string): Promise<Frame> };

/** Stands for the rendezvous and for ps-dock behind it. */
async function booth(t: TestContext, serve: (visit: Visit, number: number) => Promise<void>) {
  let visits = 0;
  const server = createServer({ cert: authority.server.cert, key: authority.server.key }, (socket) => {
    visits += 1;
    socket.on('error', () => undefined);
    void greet(socket, visits);
  });
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `rendezvous://127.0.0.1:${(server.address() as AddressInfo).port}/SECRET`, visits: () => visits };

  async function greet(socket: TLSSocket, number: number): Promise<void> {
    const frames: Frame[] = [];
    const read = createFrameReader();
    let isKnown = false;
    socket.on('data', (chunk: Buffer) => {
      const rest = isKnown ? chunk : chunk.subarray(chunk.indexOf('\n') + 1);
      isKnown = true;
      frames.push(...read(rest));
    });
    const hears = async (kind: string): Promise<Frame> => {
      for (const until = Date.now() + 5000; Date.now() < until; await new Promise((done) => setTimeout(done, 5))) {
        const found = frames.find((one) => one.kind === kind);
        if (found !== undefined) return found;
      }
      throw new Error(`no frame ${kind} came`);
    };
    socket.write('rendezvous\r\n');
    await hears('h');
    await serve({ socket, frames, hears }, number);
  }
}

function joined(url: string, again: Partial<Again> | null) {
  const desk = { input: new PassThrough(), output: new PassThrough(), errors: new PassThrough(), window: () => null };
  let losses = 0;
  const open = openSession({
    url,
    tls: { ca: authority.ca },
    desk,
    isTakenUp: false,
    again:
      again === null ? null : { url: async () => url, patienceMs: 60_000, lost: () => void (losses += 1), ...again },
  });
  const text = () => String((desk.output.read() as Buffer | null) ?? '');
  return { ...open, desk, text, losses: () => losses };
}

const hello = (received: number, next: number) => frame('h', number64(received), number64(next));
const FIRST = frame('o', Buffer.from('first '));

test('a session goes on where it was left, though the API could not be reached for a while either', async (t) => {
  const { url, visits } = await booth(t, async ({ socket, frames, hears }, number) => {
    if (number === 1) {
      socket.write(Buffer.concat([hello(0, 0), FIRST, FIRST.subarray(0, 7)]));
      await hears('i');
      socket.destroy();
      return;
    }
    const received = frames[0]?.content.readBigUInt64BE(0);
    socket.write(Buffer.concat([hello(0, FIRST.length), frame('o', Buffer.from(`${received} `))]));
    const input = await hears('i');
    socket.write(Buffer.concat([frame('o', input.content), frame('x', Buffer.of(0, 0, 0, 7))]));
  });
  let asked = 0;
  const session = joined(url, {
    async url() {
      asked += 1;
      if (asked <= 2) throw unreachable;
      return url;
    },
  });
  session.desk.input.write('typed');
  assert.equal(await session.ended, 7);
  assert.equal(session.text(), `first ${FIRST.length} typed`);
  assert.deepEqual([visits(), asked, session.losses()], [2, 3, 1]);
});

test('a session that cannot be taken up again ends with its connection', async (t) => {
  const { url, visits } = await booth(t, async ({ socket }) => void socket.end(Buffer.concat([hello(0, 0), FIRST])));
  const session = joined(url, null);
  assert.equal(await session.ended, null);
  assert.deepEqual([session.text(), visits()], ['first ', 1]);
});

test('a session that has ended meanwhile, or of which the API refuses to say, is not asked for any longer', async (t) => {
  const { url } = await booth(t, async ({ socket }) => void socket.end(hello(0, 0)));
  assert.equal(await joined(url, { url: async () => null }).ended, null);
  const refused = new CliError('unauthorized', 'no');
  await assert.rejects(joined(url, { url: () => Promise.reject(refused) }).ended, refused);
});

test('a network that stays away is waited for as long as the session waits', async (t) => {
  const { url } = await booth(t, async ({ socket }) => void socket.end(hello(0, 0)));
  let asked = 0;
  const away = async () => {
    asked += 1;
    throw unreachable;
  };
  await assert.rejects(joined(url, { url: away, patienceMs: 1500 }).ended, unreachable);
  assert.equal(asked, 2);
});
