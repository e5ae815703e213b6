import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { waitFor } from './deadlines.ts';
import { freePorts } from './ports.ts';

suite('forwarder', () => {
  test('a request reaches the target and its answer comes back', async (t) => {
    const target = createHttpServer((request, response) => response.end(`for ${request.headers.host}`));
    const port = await forward(t, target);
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(await answer.text(), `for 127.0.0.1:${port}`);
  });

  test('a client that ended its own side still gets the whole answer', async (t) => {
    const bytes = 5_000_000;
    const target = createServer({ allowHalfOpen: true }, (socket) => {
      // The probe that looks whether the forwarder listens goes away at once.
      socket.on('error', () => undefined);
      socket.resume().on('end', () => socket.end(Buffer.alloc(bytes)));
    });
    const port = await forward(t, target);
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.end('question');
    let received = 0;
    for await (const chunk of client) received += (chunk as Buffer).length;
    assert.equal(received, bytes);
  });

  test('a target that is not there closes the connection', async (t) => {
    const target = createServer();
    const port = await forward(t, target, { close: true });
    const client = connect({ port, host: '127.0.0.1' });
    client.on('error', () => undefined);
    await once(client, 'close');
  });
});

async function forward(t: TestContext, target: Server, { close = false } = {}): Promise<number> {
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  t.after(() => target.close());
  const { port: targetPort } = target.address() as AddressInfo;
  if (close) target.close();
  const [port = 0] = await freePorts(1);
  const program = join(import.meta.dirname, 'forwarder.ts');
  const child = spawn(process.execPath, [program, `127.0.0.1:${port}`, `127.0.0.1:${targetPort}`], {
    stdio: 'inherit',
  });
  t.after(() => child.kill('SIGKILL'));
  await waitFor({ awaited: 'the forwarder to listen', timeoutMs: 10_000 }, () => accepts(port));
  return port;
}

function accepts(port: number): Promise<true | null> {
  return new Promise((resolve) => {
    const probe = connect({ port, host: '127.0.0.1' });
    probe.on('connect', () => resolve(true)).on('error', () => resolve(null));
    probe.on('connect', () => probe.destroy());
  });
}
