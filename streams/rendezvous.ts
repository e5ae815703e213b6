import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createSecureContext, type TLSSocket } from 'node:tls';
import {
  isGenuine,
  readKnock,
  rendezvousSecret,
  SECRET_VALID_MS,
  type Knock,
  type Signing,
} from '../domain/rendezvous.ts';
import { openDoor, type Door } from './rendezvous-door.ts';
import { LIMITS, type Limits } from './rendezvous-limits.ts';
import { splice } from './rendezvous-splice.ts';

export type RendezvousPlan = {
  listen: { host: string; port: number }[];
  /** PEM, the certificate with its chain. */
  tls: { certificate: string; privateKey: string };
  signing: Signing;
  /** Called when the instance of a session has hung up: its process has ended, or the network broke. */
  onHangUp?: (sessionId: string) => void;
  limits?: Partial<Limits>;
};

/** `ports`: one for each address that it listens on. */
export type Rendezvous = { ports: number[]; close(): Promise<void> };

type Party = { socket: TLSSocket; readyAt: number; patience: NodeJS.Timeout };
/** The secret with which an instance comes again: for as long as a session may last. */
const AGAIN_VALID_MS = 25 * 3600_000;

type Meeting = { client?: Party; instance?: Party; isTogether: boolean };

/**
 * Brings the two parties of a session together: each sends its secret and a line end, and hears
 * `rendezvous\r\n`; then bytes go both ways. An instance whose session can be taken up again adds
 * ` wait=SECONDS`, and hears `rendezvous SECRET\r\n`: with that one it comes again.
 */
export async function openRendezvous(plan: RendezvousPlan): Promise<Rendezvous> {
  const limits = { ...LIMITS, ...plan.limits };
  const meetings = new Map<string, Meeting>();
  const used = createUsed();
  const openedAt = Date.now();
  const secureContext = createSecureContext({ cert: plan.tls.certificate, key: plan.tls.privateKey });
  const door = openDoor(secureContext, limits, { admits, welcome });
  const servers = await Promise.all(plan.listen.map((address) => listenOn(address, door)));

  return {
    ports: servers.map((server) => (server.address() as AddressInfo).port),
    async close() {
      const closed = servers.map((server) => once(server.close(), 'close'));
      door.close();
      await Promise.all(closed);
    },
  };

  /** Every check is made whatever the one before said. */
  function admits(line: string): boolean {
    const knock = readKnock(line);
    if (knock === null) return false;
    const isSigned = isGenuine(plan.signing, knock);
    // What was issued before this process began may have been used: it could not remember.
    const isKnown = knock.waitSeconds > 0 || knock.expires - SECRET_VALID_MS >= openedAt;
    return isSigned && isKnown && used.claim(knock);
  }

  function welcome(line: string, socket: TLSSocket): void {
    const knock = readKnock(line);
    if (knock === null) return void socket.destroy();
    const { side, sessionId } = knock;
    const before = meetings.get(sessionId);
    // Who comes anew replaces who may be gone without having said so.
    before?.[side]?.socket.destroy();
    const meeting: Meeting = before === undefined || before.isTogether ? { isTogether: false } : before;
    const waitMs = Math.max(limits.waitMs, knock.waitSeconds * 1000);
    const party = {
      socket,
      readyAt: Date.now() + limits.greetingMs,
      patience: setTimeout(() => socket.destroy(), waitMs),
    };
    meeting[side] = party;
    meetings.set(sessionId, meeting);
    socket.write(greetingOf(knock));
    socket.once('close', () => {
      clearTimeout(party.patience);
      if (side === 'instance') plan.onHangUp?.(sessionId);
      if (meeting.isTogether || meeting[side] !== party) return;
      delete meeting[side];
      forget(sessionId, meeting);
    });
    void meet(sessionId, meeting);
  }

  function greetingOf({ side, sessionId, waitSeconds }: Knock): string {
    if (side !== 'instance' || waitSeconds === 0) return 'rendezvous\r\n';
    const secret = rendezvousSecret(plan.signing, { side, sessionId, nonce: newNonce() }, AGAIN_VALID_MS);
    return `rendezvous ${secret}\r\n`;
  }

  async function meet(sessionId: string, meeting: Meeting): Promise<void> {
    const { client, instance } = meeting;
    if (client === undefined || instance === undefined) return;
    meeting.isTogether = true;
    clearTimeout(client.patience);
    clearTimeout(instance.patience);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, client.readyAt - Date.now())));
    await splice(client.socket, instance.socket, limits);
    forget(sessionId, meeting);
  }

  function forget(sessionId: string, meeting: Meeting): void {
    const isOver = meeting.isTogether || (meeting.client === undefined && meeting.instance === undefined);
    if (isOver && meetings.get(sessionId) === meeting) meetings.delete(sessionId);
  }
}

const CONNECTIONS = {
  allowHalfOpen: true,
  pauseOnConnect: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 15_000,
};

async function listenOn(address: { host: string; port: number }, door: Door): Promise<Server> {
  const server = createServer(CONNECTIONS, door.take);
  server.listen(address);
  await once(server, 'listening');
  return server;
}

function newNonce(): string {
  return randomBytes(16).toString('hex');
}

/** Secrets that opened the door, until they would not any more. */
function createUsed() {
  const used = new Map<string, number>();
  let sweepAt = 0;

  return {
    /** False when it was claimed before. */
    claim({ nonce, expires }: Knock, now = Date.now()): boolean {
      if (now >= sweepAt) {
        for (const [old, until] of used) if (until < now) used.delete(old);
        sweepAt = now + SECRET_VALID_MS;
      }
      if (used.has(nonce)) return false;
      used.set(nonce, expires);
      return true;
    },
  };
}
