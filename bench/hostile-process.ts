import { connect as connectPlain, type Socket } from 'node:net';
import { connect } from 'node:tls';

/** Keeps so many hostile connections to a port at once, from eight addresses of this machine; each that is ended comes again. */
const [port = 0, count = 0] = process.argv.slice(2).map(Number);
const AGAIN_MS = 1000;
const host = '127.0.0.1';

function keep(number: number): void {
  const localAddress = `127.0.0.${2 + (number % 8)}`;
  const socket = open(number, localAddress);
  socket.on('error', () => undefined).resume();
  socket.once('close', () => setTimeout(() => keep(number), AGAIN_MS));
}

/** Silent, plain, endless, slow, wrong, and gone at once: each in its turn. */
function open(number: number, localAddress: string): Socket {
  const kind = number % 6;
  if (kind === 0) return connectPlain({ host, port, localAddress });
  if (kind === 1) {
    const plain = connectPlain({ host, port, localAddress });
    return plain.once('connect', () => plain.write('GET / HTTP/1.1\r\n\r\n'));
  }
  const socket = connect({ host, port, localAddress, rejectUnauthorized: false } as object);
  socket.once('secureConnect', () => {
    if (kind === 2) socket.write('x'.repeat(100_000));
    else if (kind === 3) drip(socket);
    else if (kind === 4)
      socket.write(
        `client.${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}.${'0'.repeat(32)}.1.${'A'.repeat(43)}\r\n`,
      );
    else socket.destroy();
  });
  return socket;
}

function drip(socket: Socket): void {
  const timer = setInterval(() => socket.write('c'), 200);
  socket.once('close', () => clearInterval(timer));
}

for (let number = 0; number < count; number += 1) keep(number);
process.on('disconnect', () => process.exit(0));
