import { createServer, type Server } from 'node:http';

const IDENTITY = { 'probe-release': 'v1', 'probe-instance': 'peer.web.1.v1.1' };

/** The least that answers as the probe does: what the load generator itself is measured against. */
export function createPeer(): Server {
  return createServer((request, response) => {
    if (request.method === 'GET') return response.writeHead(200, IDENTITY).end('here\n');
    response.writeHead(200, IDENTITY);
    return request.pipe(response);
  });
}

if (import.meta.main) {
  const server = createPeer().listen(0, '127.0.0.1', () => process.send?.(server.address()));
  process.on('disconnect', () => process.exit(0));
}
