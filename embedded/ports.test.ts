import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { suite, test } from 'node:test';
import { freePorts, isFree, requireFreePorts } from './ports.ts';

suite('ports', () => {
  test('free ports differ from each other and nobody listens on them', async () => {
    const ports = await freePorts(20);
    assert.equal(new Set(ports).size, 20);
    for (const port of ports) assert.equal(await isFree(port), true);
  });

  test('a taken port is told with its purpose and the process that has it', async (t) => {
    const [port = 0] = await freePorts(1);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    await assert.rejects(requireFreePorts({ 'the apps': port }), {
      code: 'conflict',
      message: new RegExp(`^port ${port}, needed for the apps, is taken by \\S+ \\(process ${process.pid}\\)$`),
    });
  });
});
