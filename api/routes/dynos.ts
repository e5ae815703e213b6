import { Type } from 'typebox';
import { DcdgetError, notFound } from '../../domain/errors.ts';
import { processName } from '../../domain/instances.ts';
import type { App } from '../../domain/apps.ts';
import type { User } from '../../store/users.ts';
import { changeableApp, readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import { newestCode, scalableTypes } from '../code.ts';
import type { Dependencies } from '../dependencies.ts';
import { unknownType } from '../formation-change.ts';
import { newOperationId, type Starter } from '../operations.ts';
import { page } from '../plugins/ranges.ts';
import { createReadiness } from '../readiness.ts';
import { AppParams } from '../schemas/apps.ts';
import {
  DynoEventShape,
  dynoEventShapes,
  DynoParams,
  DynoShape,
  dynoShape,
  sessionDynoShape,
} from '../schemas/dynos.ts';
import { failures } from '../schemas/errors.ts';
import { FormationParams } from '../schemas/formations.ts';
import type { Turns } from '../turns.ts';

const tags = ['dynos'];
const EVENT_RANGES = { at: (event: DynoEventShape) => event.at, id: (event: DynoEventShape) => event.id };
const RANGES = { name: (dyno: DynoShape) => dyno.name, id: (dyno: DynoShape) => dyno.id };
const restarting = { 202: Type.Object({}), ...failures };

export function dynoRoutes(api: Api, deps: Dependencies, starter: Starter, turns: Turns): void {
  const { store } = deps;
  const readiness = createReadiness(deps);

  api.get(
    '/apps/:app/dynos',
    {
      schema: {
        operationId: 'listDynos',
        tags,
        params: AppParams,
        response: { 200: Type.Array(DynoShape), ...failures },
      },
    },
    async (request, reply) => {
      const app = await readableApp(store, request.user, request.params.app);
      const [instances, releases, statuses, sessions] = await Promise.all([
        store.instances.list(app.id),
        store.releases.list(app.id),
        store.instanceEvents.statuses(app.id),
        store.sessions.list(app.id),
      ]);
      const words = new Map(statuses.map((status) => [status.instanceId, status]));
      const byVersion = new Map(releases.map((release) => [release.version, release]));
      const dynos = instances.flatMap((instance) => {
        const release = byVersion.get(instance.version);
        return release === undefined
          ? []
          : [dynoShape(app, instance, release, words.get(instance.id) ?? null, deps.bootSeconds)];
      });
      const oneOffs = sessions.flatMap((session) => {
        const release = byVersion.get(session.version);
        if (release === undefined || session.endedAt !== null) return [];
        const { exit_code: _, ended_at: __, failure: ___, ...dyno } = sessionDynoShape(app, session, release);
        return [dyno];
      });
      return page(request, reply, [...dynos, ...oneOffs], RANGES);
    },
  );

  api.get(
    '/apps/:app/history',
    {
      schema: {
        operationId: 'listDynoEvents',
        tags,
        params: AppParams,
        response: { 200: Type.Array(DynoEventShape), ...failures },
      },
    },
    async (request, reply) => {
      const app = await readableApp(store, request.user, request.params.app);
      return page(
        request,
        reply,
        dynoEventShapes(await store.instanceEvents.list(app.id), deps.bootSeconds),
        EVENT_RANGES,
      );
    },
  );

  api.get(
    '/apps/:app/dynos/:dyno/history',
    {
      schema: {
        operationId: 'listEventsOfDyno',
        tags,
        params: DynoParams,
        response: { 200: Type.Array(DynoEventShape), ...failures },
      },
    },
    async (request, reply) => {
      const app = await readableApp(store, request.user, request.params.app);
      const [events, instances] = await Promise.all([store.instanceEvents.list(app.id), store.instances.list(app.id)]);
      const { dyno } = request.params;
      const found = instances.find((instance) => instance.uuid === dyno || processName(instance) === dyno);
      const name = found === undefined ? dyno : processName(found);
      const own = events.filter(({ process }) => process === name);
      if (found === undefined && own.length === 0) throw notFound('process', dyno);
      return page(request, reply, dynoEventShapes(own, deps.bootSeconds), EVENT_RANGES);
    },
  );

  api.delete(
    '/apps/:app/dynos',
    { schema: { operationId: 'restartAll', tags, params: AppParams, response: restarting } },
    async (request, reply) => {
      const app = await changeableApp(store, request.user, request.params.app);
      reply.code(202).header('dcdget-operation', await restart(app, request.user, null));
      return {};
    },
  );

  api.delete(
    '/apps/:app/dynos/:dyno',
    { schema: { operationId: 'restartDyno', tags, params: DynoParams, response: restarting } },
    async (request, reply) => {
      const app = await changeableApp(store, request.user, request.params.app);
      const scope = await nameOf(app, request.params.dyno);
      reply.code(202).header('dcdget-operation', await restart(app, request.user, scope));
      return {};
    },
  );

  api.delete(
    '/apps/:app/formations/:type',
    { schema: { operationId: 'restartType', tags, params: FormationParams, response: restarting } },
    async (request, reply) => {
      const app = await changeableApp(store, request.user, request.params.app);
      const { type } = request.params;
      const types = scalableTypes(await newestCode(store, app));
      if (!types.includes(type)) throw unknownType(type, types);
      reply.code(202).header('dcdget-operation', await restart(app, request.user, type));
      return {};
    },
  );

  /** `web.1` of a name or an id. Throws not_found when no such instance runs. */
  async function nameOf(app: App, nameOrId: string): Promise<string> {
    const instances = await store.instances.list(app.id);
    const found = instances.find((instance) => instance.uuid === nameOrId || processName(instance) === nameOrId);
    if (found === undefined) throw notFound('process', nameOrId);
    return processName(found);
  }

  /** Returns the operation's id. */
  async function restart(app: App, user: User, scope: string | null): Promise<string> {
    if (app.currentVersion === null) throw new DcdgetError('conflict', `${app.name} has no release that serves yet.`);
    await readiness.assertWorkers(app.stack);
    return turns.inTurn(app.id, async () => {
      const id = newOperationId();
      const action = scope === null ? 'ps:restart' : `ps:restart: ${scope}`;
      await store.audit.append({ actor: user.email, action, subject: app.name, operationId: id });
      const intent = { id, kind: 'restart', app, subject: app.name, version: null, actor: user } as const;
      await starter.start(scope === null ? intent : { ...intent, scope });
      return id;
    });
  }
}
