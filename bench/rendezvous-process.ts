import { readFileSync } from 'node:fs';
import { createServer, connect as connectPlain, type AddressInfo } from 'node:net';
import { createServer as createTlsServer, connect, type TLSSocket } from 'node:tls';
import { createSignatures } from '../store/signatures.ts';
import { openRendezvous } from '../streams/rendezvous.ts';

/** A rendezvous in a process of its own and, as its peers, a bare pipe over TLS and one over TCP to the same target. */
const [keyFile = '', certificateFile = '', secret = ''] = process.argv.slice(2);
const tls = { certificate: readFileSync(certificateFile, 'utf8'), privateKey: readFileSync(keyFile, 'utf8') };
const host = '127.0.0.1';
const rendezvous = await openRendezvous({
  listen: [{ host, port: 0 }],
  tls,
  signing: createSignatures(Buffer.from(secret, 'hex')),
});

/** The first line names the port to which all else goes. */
function pipeTo(incoming: NodeJS.ReadWriteStream, open: (port: number) => NodeJS.ReadWriteStream): void {
  incoming.once('data', (line: Buffer) => {
    const outgoing = open(Number(line.toString()));
    for (const end of [incoming, outgoing]) end.on('error', () => undefined);
    incoming.pipe(outgoing).pipe(incoming);
  });
}

const bareTls = createTlsServer({ cert: tls.certificate, key: tls.privateKey }, (socket: TLSSocket) =>
  pipeTo(socket, (port) => connect({ host, port, rejectUnauthorized: false })),
);
const bareTcp = createServer((socket) => pipeTo(socket, (port) => connectPlain({ host, port })));
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
bareTls.listen(0, host, () =>
  bareTcp.listen(0, host, () =>
    process.send?.({ rendezvous: rendezvous.ports[0], tls: portOf(bareTls), tcp: portOf(bareTcp) }),
  ),
);
process.on('disconnect', () => process.exit(0));
