// Carries connections from ports of this machine to a server:
//   node embedded/forwarder.ts LISTEN… TARGET     (each host:port)
import { connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';

type Address = { host: string; port: number };

const addresses = process.argv.slice(2).map(parse);
const target = addresses.pop();
if (!target || addresses.length === 0) throw new Error('needs one or more addresses to listen on, then the target');

for (const address of addresses) {
  // A half-closed connection is how some clients end their request.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => void carry(client, target));
  server.listen(address);
}

process.on('SIGTERM', () => process.exit(0));

async function carry(client: Socket, to: Address): Promise<void> {
  const upstream = connect({ ...to, allowHalfOpen: true, noDelay: true });
  try {
    await Promise.all([pipeline(client, upstream), pipeline(upstream, client)]);
  } catch {
    // One end broke: the other one learns it by the same means.
    client.destroy();
    upstream.destroy();
  }
}

function parse(text: string): Address {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}
