import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import type { Limits } from './rendezvous-limits.ts';

/** Where parties come in: TLS, limits, and the first line. */
export type Door = {
  /** A new connection, paused: TLS reads its first byte. */
  take(socket: Socket): void;
  /** Ends every connection. */
  close(): void;
};

/** Says whether the line opens the door; the connection is then the host's. */
export type Host = { admits(line: string): boolean; welcome(line: string, socket: TLSSocket): void };

/** From one handshake to the next: a crowd at the door must not keep who talks waiting. */
const HANDSHAKE_EVERY_MS = 2;

export function openDoor(secureContext: SecureContext, limits: Limits, host: Host): Door {
  const all = new Set<Socket>();
  /** In the order of their coming. */
  const strangers = new Map<Socket, string>();
  const ofAddress = new Map<string, number>();
  const waiting: Socket[] = [];
  let isTurning = false;

  return {
    take,
    close() {
      for (const socket of all) socket.destroy();
    },
  };

  function take(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    socket.on('error', () => socket.destroy());
    if ((ofAddress.get(address) ?? 0) >= limits.strangersOfAddress || !makeRoom()) {
      socket.destroy();
      return;
    }
    all.add(socket);
    strangers.set(socket, address);
    ofAddress.set(address, (ofAddress.get(address) ?? 0) + 1);
    const late = setTimeout(() => socket.destroy(), limits.headerMs);
    socket.once('close', () => {
      clearTimeout(late);
      all.delete(socket);
      forgetStranger(socket);
    });
    socket.once('dcdget-admitted', () => {
      clearTimeout(late);
      forgetStranger(socket);
    });
    waiting.push(socket);
    takeTurns();
  }

  function makeRoom(): boolean {
    if (all.size < limits.connections) return true;
    const [oldest] = strangers.keys();
    oldest?.destroy();
    return oldest !== undefined;
  }

  function forgetStranger(socket: Socket): void {
    const address = strangers.get(socket);
    if (address === undefined) return;
    strangers.delete(socket);
    const left = (ofAddress.get(address) ?? 1) - 1;
    if (left > 0) ofAddress.set(address, left);
    else ofAddress.delete(address);
  }

  function takeTurns(): void {
    if (isTurning) return;
    isTurning = true;
    const turn = () => {
      const socket = waiting.shift();
      isTurning = socket !== undefined;
      if (socket === undefined) return;
      if (!socket.destroyed) greet(socket);
      setTimeout(turn, HANDSHAKE_EVERY_MS);
    };
    turn();
  }

  function greet(socket: Socket): void {
    const party = new TLSSocket(socket, { isServer: true, secureContext, allowHalfOpen: true } as object);
    party.on('error', () => party.destroy());
    party.once('close', () => socket.destroy());
    readLine(party, limits.headerBytes, (line) => {
      if (line === null || !host.admits(line)) return refuse(party);
      socket.emit('dcdget-admitted');
      host.welcome(line, party);
    });
  }

  /** Nothing is said, and the end comes at the same time whatever was wrong. */
  function refuse(party: TLSSocket): void {
    party.resume();
    setTimeout(() => party.destroy(), limits.refuseMs);
  }
}

/** Gives the first line, without its end, and leaves what follows unread; null when it is too long or never ends. */
function readLine(party: TLSSocket, mostBytes: number, give: (line: string | null) => void): void {
  let read = Buffer.alloc(0);
  const finish = (line: string | null) => {
    party.off('data', take).off('end', ended);
    give(line);
  };
  const ended = () => finish(null);
  const take = (chunk: Buffer) => {
    read = Buffer.concat([read, chunk]);
    const end = read.indexOf(0x0a);
    if (end < 0 && read.length <= mostBytes) return;
    party.pause();
    if (end < 0 || end > mostBytes) return finish(null);
    const rest = read.subarray(end + 1);
    if (rest.length > 0) party.unshift(rest);
    finish(read.subarray(0, end).toString('latin1').replace(/\r$/, ''));
  };
  party.on('data', take).on('end', ended);
}
