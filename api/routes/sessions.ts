import { Type } from 'typebox';
import type { App } from '../../domain/apps.ts';
import { DcdgetError, notFound } from '../../domain/errors.ts';
import { processName, type Instance } from '../../domain/instances.ts';
import { SESSION_TYPE, STOP_SIGNAL, type Session } from '../../domain/sessions.ts';
import { changeableApp, readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import { newestCode, scalableTypes } from '../code.ts';
import type { Dependencies } from '../dependencies.ts';
import { unknownType } from '../formation-change.ts';
import { createReadiness } from '../readiness.ts';
import { AppParams } from '../schemas/apps.ts';
import { DynoParams, dynoShape, sessionDynoShape } from '../schemas/dynos.ts';
import { failures } from '../schemas/errors.ts';
import { FormationParams } from '../schemas/formations.ts';
import { NewSession, SessionShape } from '../schemas/sessions.ts';
import { attachUrlOf, beginSession } from '../sessions.ts';

const tags = ['dynos'];

/** One-off sessions: they are shown among the instances, and touched by nothing that changes the formation. */
export function sessionRoutes(api: Api, deps: Dependencies): void {
  const { store, temporal } = deps;
  const readiness = createReadiness(deps);

  api.post(
    '/apps/:app/dynos',
    {
      schema: {
        operationId: 'createDyno',
        tags,
        params: AppParams,
        body: NewSession,
        response: { 201: SessionShape, ...failures },
      },
    },
    async (request, reply) => {
      const app = await changeableApp(store, request.user, request.params.app);
      await readiness.assertWorkers(app.stack);
      const session = await beginSession(deps, app, request.body);
      const subject = `${app.name} ${SESSION_TYPE}.${session.number}`;
      await store.audit.append({ actor: request.user.email, action: 'run', subject, operationId: null });
      reply.code(201);
      return { ...(await shapeOf(app, session)), attach_url: attachUrlOf(deps, session) };
    },
  );

  api.get(
    '/apps/:app/dynos/:dyno',
    {
      schema: { operationId: 'readDyno', tags, params: DynoParams, response: { 200: SessionShape, ...failures } },
    },
    async (request) => {
      const app = await readableApp(store, request.user, request.params.app);
      const session = await findSession(app, request.params.dyno);
      if (session !== undefined) return shapeOf(app, session);
      const instance = await instanceOf(app, request.params.dyno);
      const [release, statuses] = await Promise.all([
        store.releases.get(app.id, instance.version),
        store.instanceEvents.statuses(app.id),
      ]);
      const status = statuses.find(({ instanceId }) => instanceId === instance.id) ?? null;
      const shape = dynoShape(app, instance, release, status, deps.bootSeconds);
      return { ...shape, exit_code: null, ended_at: null, failure: null };
    },
  );

  api.post(
    '/apps/:app/dynos/:dyno/actions/attach',
    {
      schema: { operationId: 'attachDyno', tags, params: DynoParams, response: { 201: SessionShape, ...failures } },
    },
    async (request, reply) => {
      const app = await changeableApp(store, request.user, request.params.app);
      const session = await runningSession(app, request.params.dyno);
      if (session.terminal === null || session.terminal.reattachSeconds === 0) {
        throw new DcdgetError('conflict', `${SESSION_TYPE}.${session.number} cannot be taken up again.`, {
          hint: 'Only one that was begun so can: dcdget run --reattach.',
        });
      }
      reply.code(201);
      return { ...(await shapeOf(app, session)), attach_url: attachUrlOf(deps, session) };
    },
  );

  api.post(
    '/apps/:app/dynos/:dyno/actions/stop',
    {
      schema: {
        operationId: 'stopDyno',
        tags,
        params: DynoParams,
        response: { 202: Type.Object({}), ...failures },
      },
    },
    async (request, reply) => {
      const app = await changeableApp(store, request.user, request.params.app);
      const session = await runningSession(app, request.params.dyno);
      const subject = `${app.name} ${SESSION_TYPE}.${session.number}`;
      await store.audit.append({ actor: request.user.email, action: 'ps:stop', subject, operationId: null });
      await temporal.signalSession(session.id, STOP_SIGNAL);
      reply.code(202);
      return {};
    },
  );

  api.post(
    '/apps/:app/formations/:type/actions/stop',
    {
      schema: {
        operationId: 'stopType',
        tags,
        description:
          'Every one-off session of the app: their type is run. What belongs to the formation is not stopped.',
        params: FormationParams,
        response: { 202: Type.Object({}), ...failures },
      },
    },
    async (request, reply) => {
      const app = await changeableApp(store, request.user, request.params.app);
      const { type } = request.params;
      if (type !== SESSION_TYPE) {
        const types = scalableTypes(await newestCode(store, app));
        throw types.includes(type) ? ofFormation(type, type) : unknownType(type, [...types, SESSION_TYPE]);
      }
      const open = (await store.sessions.list(app.id)).filter(({ endedAt }) => endedAt === null);
      const subject = `${app.name} ${SESSION_TYPE}`;
      await store.audit.append({ actor: request.user.email, action: 'ps:stop', subject, operationId: null });
      await Promise.all(open.map(({ id }) => temporal.signalSession(id, STOP_SIGNAL)));
      reply.code(202);
      return {};
    },
  );

  /** The newest of that name, or by id. */
  async function findSession(app: App, nameOrId: string): Promise<Session | undefined> {
    const sessions = await store.sessions.list(app.id);
    return sessions.find(({ id, number }) => id === nameOrId || `${SESSION_TYPE}.${number}` === nameOrId);
  }

  /** Throws not_found, and conflict for what belongs to the formation. */
  async function runningSession(app: App, nameOrId: string): Promise<Session> {
    const session = await findSession(app, nameOrId);
    if (session !== undefined && session.endedAt === null) return session;
    if (session !== undefined) throw notFound('process', nameOrId);
    const { type } = await instanceOf(app, nameOrId);
    throw ofFormation(nameOrId, type);
  }

  async function instanceOf(app: App, nameOrId: string): Promise<Instance> {
    const instances = await store.instances.list(app.id);
    const found = instances.find((instance) => instance.uuid === nameOrId || processName(instance) === nameOrId);
    if (found === undefined) throw notFound('process', nameOrId);
    return found;
  }

  async function shapeOf(app: App, session: Session): Promise<SessionShape> {
    return sessionDynoShape(app, session, await store.releases.get(app.id, session.version));
  }
}

function ofFormation(name: string, type: string): DcdgetError {
  return new DcdgetError('conflict', `${name} is part of the formation, and would be started again.`, {
    hint: `Run fewer of them with dcdget ps:scale ${type}${name === type ? '=0' : '-1'}, or replace it with dcdget ps:restart.`,
  });
}
