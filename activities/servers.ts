import { CommandFailed } from '../domain/errors.ts';
import type { StepInput } from '../domain/operations.ts';
import type { HostKey, Server } from '../domain/servers.ts';
import { PACKMAN_PORT } from './builds.ts';
import type { ActivityDeps } from './deps.ts';
import { base64, run, TOKEN_VALID_MS } from './recipes.ts';

/** Memory that the server keeps for itself. */
const KEPT_MB = 384;
const LOCK = 'server';
/** Packages come over the network of the server. */
const PROVISION_SECONDS = 1200;

export function createServerActivities(deps: ActivityDeps) {
  const { authority, operations, servers, signatures } = deps.store;

  return {
    async scanHostKey(address: { host: string; port: number }): Promise<HostKey> {
      return deps.scanHostKey(address);
    },

    /** It answers over SSH with the pinned key. */
    async checkServer({ operation }: StepInput): Promise<{ roles: Server['roles'] }> {
      await operations.begin(operation.operationId, async () => 0);
      const server = await servers.get(operation.subject);
      await run(deps, server, 'server/list', { inputs: {}, lock: LOCK });
      return { roles: server.roles };
    },

    async provisionServer({ operation }: StepInput): Promise<void> {
      const server = await servers.get(operation.subject);
      const facts = await run<{ memoryMb: number }>(deps, server, 'server/provision', {
        inputs: {
          CA_PEM_BASE64: base64(authority.certificate),
          SERVERS: (await servers.list()).map(({ host }) => host).join(' '),
          PARTS: (await deps.parts()).join(' '),
          PEERS: deps.peers.join(' '),
        },
        lock: LOCK,
        timeoutSeconds: PROVISION_SECONDS,
      });
      await servers.change(server.id, { memoryMb: Math.max(0, facts.memoryMb - KEPT_MB) });
    },

    async provisionRouter({ operation }: StepInput): Promise<void> {
      const server = await servers.get(operation.subject);
      const token = signatures.fixed(`log:server:${server.id}`);
      await run(deps, server, 'nginx/provision', {
        inputs: deps.hub === null ? {} : linesOf(server.id, deps.hub, token),
        lock: LOCK,
        timeoutSeconds: PROVISION_SECONDS,
        secrets: [token],
      });
    },

    async provisionPackman({ operation }: StepInput): Promise<void> {
      await installPackman(deps, await servers.get(operation.subject));
    },

    async admitServer({ operation }: StepInput): Promise<void> {
      const server = await servers.get(operation.subject);
      await servers.change(server.id, { state: 'ready' });
      await tellOthers(server);
      await operations.end(operation.operationId, 'succeeded');
    },
  };

  /** What a router needs to send the log hub a line for each request. */
  function linesOf(serverId: string, hub: { address: string; serverName: string }, token: string) {
    const { sha256 } = deps.assets.psDock;
    return {
      SERVER_ID: serverId,
      HUB_ADDRESS: hub.address,
      HUB_NAME: hub.serverName,
      HUB_TOKEN: token,
      PS_DOCK_SHA256: sha256,
      PS_DOCK_URL: `${deps.publicUrl}/assets/${sha256}`,
      PS_DOCK_TOKEN: signatures.sign(`asset:${sha256}`, TOKEN_VALID_MS),
    };
  }

  /**
   * Containers of every server are kept from the new one. A server that is away, or whose packet rules are too old, is
   * told when it is provisioned again.
   */
  async function tellOthers(added: Server): Promise<void> {
    const all = await servers.list();
    const inputs = { SERVERS: all.map(({ host }) => host).join(' '), PARTS: (await deps.parts()).join(' ') };
    const others = all.filter(({ id, state }) => id !== added.id && state === 'ready');
    await Promise.all(
      others.map(async (server) => {
        try {
          await run(deps, server, 'server/update-platform', { inputs, lock: 'network', timeoutSeconds: 30 });
        } catch (error) {
          deps.warn(`${server.name} does not close to its containers all that it should: ${sentenceOf(error)}`);
        }
      }),
    );
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof CommandFailed && error.output) return `${error.message}: ${error.output.trim()}`;
  return String(error);
}

/** Packman with a new certificate: it starts again when that, its program or its settings are others than before. */
export async function installPackman(deps: ActivityDeps, server: Server): Promise<void> {
  const { authority, signatures } = deps.store;
  const { node, packman } = deps.assets;
  const issued = await authority.issue([server.host]);
  const secret = signatures.fixed(`packman:${server.id}`);
  const token = (sha256: string) => signatures.sign(`asset:${sha256}`, TOKEN_VALID_MS);
  await run(deps, server, 'packman/provision', {
    inputs: {
      NODE_SHA256: node.sha256,
      NODE_URL: `${deps.publicUrl}/assets/${node.sha256}`,
      NODE_TOKEN: token(node.sha256),
      PACKMAN_SHA256: packman.sha256,
      PACKMAN_URL: `${deps.publicUrl}/assets/${packman.sha256}`,
      PACKMAN_ASSET_TOKEN: token(packman.sha256),
      TLS_CERT_BASE64: base64(issued.certificate),
      TLS_KEY_BASE64: base64(issued.privateKey),
      PACKMAN_TOKEN: secret,
      LISTEN: `0.0.0.0:${PACKMAN_PORT}`,
    },
    lock: LOCK,
    timeoutSeconds: PROVISION_SECONDS,
    secrets: [secret, issued.privateKey, base64(issued.privateKey)],
  });
}
