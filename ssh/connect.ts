import { createHash } from 'node:crypto';
import { NodeSSH } from 'node-ssh';
import { DcdgetError } from '../domain/errors.ts';
import type { HostKey } from '../domain/servers.ts';

/** Where a server is and how it is known: `hostKey` is `<type> <base64>`, as in known_hosts. */
export type ServerAddress = { id: string; name: string; host: string; port: number; user: string; hostKey: string };

const CONNECT_TIMEOUT_MS = 10_000;
const KEEPALIVE_MS = 5_000;

/** Throws server_unreachable, or host_key_changed when the server shows another key than the pinned one. */
export async function connect(server: ServerAddress, privateKey: string): Promise<NodeSSH> {
  const ssh = new NodeSSH();
  const seen: { key?: string } = {};
  try {
    await ssh.connect({
      host: server.host,
      port: server.port,
      username: server.user,
      privateKey,
      readyTimeout: CONNECT_TIMEOUT_MS,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: 3,
      algorithms: { serverHostKey: algorithmsOf(server.hostKey) },
      hostVerifier: (key: Buffer) => (seen.key = hostKeyText(key)) === server.hostKey,
    });
    // Without it each exchange waits twice for a delayed acknowledgement: 90 ms instead of 10.
    ssh.connection?.setNoDelay(true);
    return ssh;
  } catch (cause) {
    if (seen.key !== undefined && seen.key !== server.hostKey) throw changed(server, seen.key, cause);
    throw new DcdgetError(
      'server_unreachable',
      `Server ${server.name} (${server.host}:${server.port}) does not answer over SSH`,
      {
        hint: 'Check that it runs, that its SSH port is open, and that root accepts the key of dcdget.',
        server: server.name,
        cause,
      },
    );
  }
}

/** The key that a server shows, asked without logging in. Throws server_unreachable. */
export async function scanHostKey(address: { host: string; port: number }): Promise<HostKey> {
  const seen: { key?: Buffer } = {};
  const ssh = new NodeSSH();
  const refused = await ssh
    .connect({
      ...address,
      username: 'root',
      password: '',
      readyTimeout: CONNECT_TIMEOUT_MS,
      hostVerifier: (key: Buffer) => {
        seen.key = key;
        return false;
      },
    })
    .catch((error: unknown) => error);
  ssh.dispose();
  if (seen.key === undefined) {
    throw new DcdgetError('server_unreachable', `${address.host}:${address.port} does not answer over SSH`, {
      cause: refused,
    });
  }
  return { hostKey: hostKeyText(seen.key), fingerprint: fingerprintOf(hostKeyText(seen.key)) };
}

/** `SHA256:…`, as ssh-keygen prints it. */
export function fingerprintOf(hostKey: string): string {
  const [, base64 = ''] = hostKey.split(' ');
  return `SHA256:${createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64').replace(/=+$/, '')}`;
}

/** The key's own first field is its type (RFC 4253 section 6.6). */
function hostKeyText(key: Buffer): string {
  return `${key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1')} ${key.toString('base64')}`;
}

/** Only the pinned type is asked for, otherwise another key of the same server could be shown. */
function algorithmsOf(hostKey: string): ServerHostKey[] {
  const [type = ''] = hostKey.split(' ');
  return (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type]) as ServerHostKey[];
}

type ServerHostKey = 'ssh-ed25519';

function changed(server: ServerAddress, key: string, cause: unknown): DcdgetError {
  return new DcdgetError(
    'host_key_changed',
    `Server ${server.name} shows another host key (${fingerprintOf(key)}) than the one pinned`,
    {
      hint: `Expected ${fingerprintOf(server.hostKey)}. If the server was reinstalled, remove it and add it again.`,
      server: server.name,
      cause,
    },
  );
}
