import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const SLOW_PARTS = 10;
const SLOW_PART_MS = 500;
const MOST_BODY_BYTES = 1024 * 1024;

const release = process.env.DCDGET_RELEASE ?? 'v0';
const instance = process.env.DCDGET_INSTANCE ?? 'local';
const headers = { 'content-type': 'text/plain', 'probe-release': release, 'probe-instance': instance };

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://probe');
  if (pathname === '/') return response.writeHead(200, headers).end(`${instance} ${release}\n`);
  if (pathname === '/echo' && request.method === 'POST') return echo(request, response);
  if (pathname === '/slow') return answerSlowly(response);
  return response.writeHead(404, headers).end('There is nothing here.\n');
});

function echo(request, response) {
  const parts = [];
  let bytes = 0;
  request.on('data', (part) => {
    bytes += part.length;
    if (bytes > MOST_BODY_BYTES) request.destroy();
    parts.push(part);
  });
  request.on('end', () => response.writeHead(200, headers).end(Buffer.concat(parts)));
}

/** Five seconds, one part after the other. */
function answerSlowly(response) {
  response.writeHead(200, headers);
  let part = 0;
  const timer = setInterval(() => {
    part += 1;
    response.write(`part ${part} of ${SLOW_PARTS}\n`);
    if (part < SLOW_PARTS) return;
    clearInterval(timer);
    response.end();
  }, SLOW_PART_MS);
  response.on('close', () => clearInterval(timer));
}

// Says first who it is, then whatever it hears.
const sockets = new WebSocketServer({ server, path: '/socket', maxPayload: MOST_BODY_BYTES });
sockets.on('connection', (socket) => {
  socket.send(`${instance} ${release}`);
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on('error', (error) => console.error(`a WebSocket broke: ${error.message}`));
});

server.listen(process.env.PORT ?? 5000, () => {
  console.log(`rotation-probe ${instance} listens on port ${server.address().port}`);
});

// The platform stops an instance with SIGTERM: finish what runs, take nothing new, send the sockets away.
process.on('SIGTERM', () => {
  server.close();
  for (const socket of sockets.clients) socket.close(1001, 'the instance stops');
});
