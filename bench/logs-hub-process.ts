// A process for logs-tail.ts: the log hub, or with `bare` a TLS listener that passes everything on to its stdout.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { createSignatures } from '../store/signatures.ts';
import { serveHttp } from '../streams/http.ts';
import { startLogHub } from '../streams/log-hub.ts';

const HOST = '127.0.0.1';
const [, , kind = '', folder = '', port, httpPort] = process.argv;
const tls = {
  certificate: readFileSync(join(folder, 'cert.pem'), 'utf8'),
  privateKey: readFileSync(join(folder, 'key.pem'), 'utf8'),
};

if (kind === 'bare') {
  const server = createServer({ cert: tls.certificate, key: tls.privateKey }, (socket) => socket.pipe(process.stdout));
  server.listen({ host: HOST, port: Number(port) }, () => process.stderr.write('ready\n'));
} else {
  const log = { info: () => undefined, error: (facts: object) => console.error(facts) };
  const httpListen = [{ host: HOST, port: Number(httpPort) }];
  const settings = { listen: [{ host: HOST, port: Number(port) }], folder: join(folder, 'lines'), diskMb: 1024 };
  const signatures = createSignatures(readFileSync(join(folder, 'secret')));
  const hub = await startLogHub(settings, tls, signatures, log);
  await serveHttp(httpListen, tls, hub.routes, log);
  process.stderr.write('ready\n');
}
