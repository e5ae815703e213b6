import { readFileSync } from 'node:fs';
import type { NodeSSH } from 'node-ssh';
import { connect, type ServerAddress } from './connect.ts';

type Connection = { opened: Promise<NodeSSH>; sessions: number };
type Lane = { connections: Connection[]; waiters: (() => void)[] };

/** sshd allows ten sessions a connection; two are left over. */
const SESSIONS_PER_CONNECTION = 8;
const CONNECTIONS_PER_SERVER = 3;

export type SshPool = {
  /** Runs `use` on a connection to the server, opened when none is free. Throws server_unreachable, host_key_changed. */
  withConnection<T>(server: ServerAddress, use: (ssh: NodeSSH) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

export function createSshPool(privateKeyFile: string): SshPool {
  const privateKey = readFileSync(privateKeyFile, 'utf8');
  const lanes = new Map<string, Lane>();

  return {
    async withConnection(server, use) {
      const lane = laneOf(lanes, server);
      const connection = await take(lane, () => open(lane, server, privateKey));
      try {
        return await use(await connection.opened);
      } finally {
        connection.sessions -= 1;
        lane.waiters.shift()?.();
      }
    },

    async close() {
      const opened = [...lanes.values()].flatMap(({ connections }) => connections.map(({ opened }) => opened));
      lanes.clear();
      for (const result of await Promise.allSettled(opened)) {
        if (result.status === 'fulfilled') result.value.dispose();
      }
    },
  };
}

/** A server whose address or key changed gets a lane of its own. */
function laneOf(lanes: Map<string, Lane>, server: ServerAddress): Lane {
  const key = [server.id, server.host, server.port, server.user, server.hostKey].join(' ');
  const lane = lanes.get(key) ?? { connections: [], waiters: [] };
  lanes.set(key, lane);
  return lane;
}

async function take(lane: Lane, openAnother: () => Connection): Promise<Connection> {
  for (;;) {
    const free = lane.connections.find(({ sessions }) => sessions < SESSIONS_PER_CONNECTION);
    const connection = free ?? (lane.connections.length < CONNECTIONS_PER_SERVER ? openAnother() : undefined);
    if (connection !== undefined) {
      connection.sessions += 1;
      return connection;
    }
    await new Promise<void>((resolve) => lane.waiters.push(resolve));
  }
}

function open(lane: Lane, server: ServerAddress, privateKey: string): Connection {
  const connection: Connection = { opened: connect(server, privateKey), sessions: 0 };
  const forget = () => void (lane.connections = lane.connections.filter((other) => other !== connection));
  connection.opened.then((ssh) => ssh.connection?.once('close', forget), forget);
  lane.connections.push(connection);
  return connection;
}
