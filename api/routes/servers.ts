import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import { DcdgetError, invalid } from '../../domain/errors.ts';
import { assertServerName, SERVER_HOST, SERVER_USER } from '../../domain/names.ts';
import { isFinal } from '../../domain/operations.ts';
import type { Server } from '../../domain/servers.ts';
import type { User } from '../../store/users.ts';
import { assertOperator } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { assertHostKey } from '../host-keys.ts';
import { newOperationId, type Starter } from '../operations.ts';
import { page } from '../plugins/ranges.ts';
import { failures, type ErrorShape } from '../schemas/errors.ts';
import { NewServer, ServerParams, ServerShape, serverShape } from '../schemas/servers.ts';
import type { Turns } from '../turns.ts';

const tags = ['servers'];
const RANGES = { name: (server: Server) => server.name, id: (server: Server) => server.id };

type Wanted = Pick<Server, 'name' | 'host' | 'port' | 'user' | 'roles'>;

export function serverRoutes(api: Api, deps: Dependencies, starter: Starter, turns: Turns): void {
  const { store, temporal } = deps;

  api.get(
    '/servers',
    { schema: { operationId: 'listServers', tags, response: { 200: Type.Array(ServerShape), ...failures } } },
    async (request, reply) => page(request, reply, await store.servers.list(), RANGES).map(serverShape),
  );

  api.get(
    '/servers/:server',
    { schema: { operationId: 'getServer', tags, params: ServerParams, response: { 200: ServerShape, ...failures } } },
    async (request) => serverShape(await store.servers.get(request.params.server)),
  );

  api.post(
    '/servers',
    {
      schema: { operationId: 'addServer', tags, body: NewServer, response: { 202: ServerShape, ...failures } },
    },
    async (request, reply) => {
      assertOperator(request.user);
      const wanted = checked(request.body);
      const hostKey = request.body.host_key;
      await assertNameIsFree(wanted.name);
      if (hostKey === undefined) return reply.code(409).send(await unconfirmed(wanted));
      const server = await turns.inTurn(`server ${wanted.name}`, () => add({ ...wanted, hostKey }, request.user));
      reply.code(202).header('dcdget-operation', server.operationId);
      return serverShape(server);
    },
  );

  api.post(
    '/servers/:server/actions/provision',
    {
      schema: {
        operationId: 'provisionServer',
        tags,
        params: ServerParams,
        response: { 202: ServerShape, ...failures },
      },
    },
    async (request, reply) => {
      assertOperator(request.user);
      const { name } = await store.servers.get(request.params.server);
      const server = await turns.inTurn(`server ${name}`, () => provisionAgain(name, request.user));
      reply.code(202).header('dcdget-operation', server.operationId);
      return serverShape(server);
    },
  );

  /** What this version of dcdget brings; the server serves on meanwhile. Throws conflict while it is being set up. */
  async function provisionAgain(name: string, user: User): Promise<Server> {
    const server = await store.servers.get(name);
    const running = await store.operations.find(server.operationId);
    if (running !== null && !isFinal(running.state)) {
      throw new DcdgetError('conflict', `Server ${name} is being set up by operation ${running.id}.`);
    }
    const operationId = newOperationId();
    await store.servers.change(server.id, { operationId });
    await store.audit.append({ actor: user.email, action: 'servers:provision', subject: name, operationId });
    await starter.start({ id: operationId, kind: 'add-server', app: null, subject: name, version: null, actor: user });
    return { ...server, operationId };
  }

  /** A server that failed may be added again: it is returned. Throws invalid_params when the name is in use. */
  async function assertNameIsFree(name: string): Promise<Server | undefined> {
    const existing = (await store.servers.list()).find((server) => server.name === name);
    if (existing === undefined || existing.state === 'failed' || (await isAbandoned(existing))) return existing;
    throw invalid('name', `${name} is taken by a server that is ${existing.state}`);
  }

  /** Stored by an API that died before it stored the operation. */
  async function isAbandoned({ state, operationId }: Server): Promise<boolean> {
    if (state !== 'provisioning') return false;
    const operation = await store.operations.find(operationId);
    return operation === null || isFinal(operation.state);
  }

  async function unconfirmed(wanted: Wanted): Promise<ErrorShape> {
    const { hostKey, fingerprint } = await scan(wanted);
    return {
      id: 'host_key_unconfirmed',
      message: `${wanted.host} shows the host key ${fingerprint}.`,
      hint: 'Compare it with the server itself, then send the same request with this host_key.',
      host_key: hostKey,
      fingerprint,
    };
  }

  /** By a workflow: the API itself opens no SSH connection. */
  async function scan({ host, port }: Wanted): Promise<{ hostKey: string; fingerprint: string }> {
    try {
      return await temporal.scanHostKey({ host, port });
    } catch (error) {
      if (error instanceof DcdgetError) throw error;
      throw new DcdgetError(
        'unavailable',
        'The host key could not be asked for: Temporal or its workers do not answer.',
        {
          cause: error,
        },
      );
    }
  }

  async function add(wanted: Wanted & { hostKey: string }, user: User): Promise<Server> {
    const failed = await assertNameIsFree(wanted.name);
    const operationId = newOperationId();
    const server = newServer(wanted, operationId, failed);
    if (failed === undefined) await store.servers.add(server);
    else await store.servers.change(failed.id, { ...wanted, state: 'provisioning', operationId });
    await store.audit.append({ actor: user.email, action: 'servers:add', subject: server.name, operationId });
    const { name: subject } = server;
    await starter.start({ id: operationId, kind: 'add-server', app: null, subject, version: null, actor: user });
    return server;
  }
}

function checked(body: NewServer): Wanted {
  assertServerName(body.name);
  if (!SERVER_HOST.test(body.host)) throw invalid('host', 'must be an IPv4 address or a host name');
  const user = body.user ?? 'root';
  if (!SERVER_USER.test(user)) throw invalid('user', 'is not a user name');
  if (body.host_key !== undefined) assertHostKey(body.host_key);
  return { name: body.name, host: body.host, port: body.port ?? 22, user, roles: body.roles };
}

function newServer(wanted: Wanted & { hostKey: string }, operationId: string, failed: Server | undefined): Server {
  const now = new Date();
  return {
    id: failed?.id ?? randomUUID(),
    ...wanted,
    state: 'provisioning',
    memoryMb: failed?.memoryMb ?? 0,
    reservations: failed?.reservations ?? [],
    revision: failed?.revision ?? 0,
    operationId,
    createdAt: failed?.createdAt ?? now,
    updatedAt: now,
  };
}
