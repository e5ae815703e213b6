import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import type { App } from '../../domain/apps.ts';
import { drainTarget, MAX_DRAINS, type Drain } from '../../domain/drains.ts';
import { DcdgetError, invalid, notFound } from '../../domain/errors.ts';
import type { User } from '../../store/users.ts';
import { changeableApp, readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { page } from '../plugins/ranges.ts';
import { AppParams } from '../schemas/apps.ts';
import { failures } from '../schemas/errors.ts';
import { LogDrainParams, logDrainShape, LogDrainShape, NewLogDrain } from '../schemas/log-drains.ts';

const tags = ['logs'];
const RANGES = {
  created_at: (drain: LogDrainShape) => drain.created_at,
  id: (drain: LogDrainShape) => drain.id,
};

export function logDrainRoutes(api: Api, { store, drainGate }: Dependencies): void {
  const response = { 200: LogDrainShape, ...failures };

  api.get(
    '/apps/:app/log-drains',
    {
      schema: {
        operationId: 'listLogDrains',
        tags,
        params: AppParams,
        response: { 200: Type.Array(LogDrainShape), ...failures },
      },
    },
    async (request, reply) => {
      const app = await readableApp(store, request.user, request.params.app);
      return page(request, reply, (await store.drains.list(app.id)).map(logDrainShape), RANGES);
    },
  );

  api.post(
    '/apps/:app/log-drains',
    {
      schema: {
        operationId: 'createLogDrain',
        tags,
        params: AppParams,
        body: NewLogDrain,
        response: { 201: LogDrainShape, ...failures },
      },
    },
    async (request, reply) => {
      const app = await changeableApp(store, request.user, request.params.app);
      const drain = await add(app, request.user, request.body.url);
      void reply.code(201);
      return logDrainShape(drain);
    },
  );

  api.get(
    '/apps/:app/log-drains/:drain',
    { schema: { operationId: 'getLogDrain', tags, params: LogDrainParams, response } },
    async (request) => {
      const app = await readableApp(store, request.user, request.params.app);
      return logDrainShape(await find(app, request.params.drain));
    },
  );

  api.delete(
    '/apps/:app/log-drains/:drain',
    { schema: { operationId: 'deleteLogDrain', tags, params: LogDrainParams, response } },
    async (request) => {
      const app = await changeableApp(store, request.user, request.params.app);
      const drain = await find(app, request.params.drain);
      await store.drains.remove(drain.id);
      await audit(request.user, 'delete-log-drain', app);
      return logDrainShape(drain);
    },
  );

  async function add(app: App, user: User, url: string): Promise<Drain> {
    drainGate.assertOpen(drainTarget(url).url.href, 'url');
    const others = await store.drains.list(app.id);
    if (others.some((other) => other.url === url)) throw invalid('url', 'is a drain of the app already');
    if (others.length >= MAX_DRAINS) {
      throw new DcdgetError('conflict', `An app has at most ${MAX_DRAINS} drains; ${app.name} has them already.`);
    }
    const token = `d.${randomUUID()}`;
    const drain = { id: randomUUID(), appId: app.id, appName: app.name, url, token, createdAt: new Date() };
    await store.drains.add(drain);
    await audit(user, 'create-log-drain', app);
    return drain;
  }

  async function find(app: App, name: string): Promise<Drain> {
    const drains = await store.drains.list(app.id);
    const found = drains.find(({ id, token, url }) => name === id || name === token || name === url);
    if (found === undefined) throw notFound('log drain', name);
    return found;
  }

  function audit({ email }: User, action: string, { name }: App): Promise<void> {
    return store.audit.append({ actor: email, action, subject: name, operationId: null });
  }
}
