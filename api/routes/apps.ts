import { randomUUID } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { App, Mode } from '../../domain/apps.ts';
import { DcdgetError, invalid } from '../../domain/errors.ts';
import { assertAppName } from '../../domain/names.ts';
import { isFinal, type Operation } from '../../domain/operations.ts';
import type { Slug } from '../../domain/releases.ts';
import type { User } from '../../store/users.ts';
import { changeableApp, isReadable, readableApp } from '../access.ts';
import { madeUpAppName } from '../app-names.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { newRelease } from '../new-release.ts';
import { settled } from '../operation-states.ts';
import { newOperationId, type Starter } from '../operations.ts';
import { page } from '../plugins/ranges.ts';
import { createReadiness } from '../readiness.ts';
import { AppChange, AppParams, AppShape, appShape, DestroyQuery, NewApp } from '../schemas/apps.ts';
import { failures } from '../schemas/errors.ts';
import { REGION, STACKS } from '../schemas/platform.ts';
import type { Turns } from '../turns.ts';

const tags = ['apps'];
const RANGES = {
  name: (app: App) => app.name,
  id: (app: App) => app.id,
  updated_at: (app: App) => app.updatedAt.toISOString(),
};

export function appRoutes(api: Api, deps: Dependencies, starter: Starter, turns: Turns): void {
  const { store, temporal, addresses } = deps;
  const readiness = createReadiness(deps);

  const shape = async (app: App): Promise<AppShape> => appShape(app, await servingSlug(app), addresses);
  const ownApps = async (user: User) => (await store.apps.list()).filter((app) => isReadable(app, user));

  for (const [url, operationId] of [
    ['/apps', 'listApps'],
    ['/users/~/apps', 'listOwnApps'],
  ] as const) {
    api.get(
      url,
      { schema: { operationId, tags, response: { 200: Type.Array(AppShape), ...failures } } },
      async (request, reply) =>
        Promise.all(page(request, reply, await ownApps(request.user), RANGES).map((app) => shape(app))),
    );
  }

  api.post(
    '/apps',
    { schema: { operationId: 'createApp', tags, body: NewApp, response: { 201: AppShape, ...failures } } },
    async (request, reply) => {
      const app = newApp(request.body.name ?? madeUpAppName(), request.user, request.body);
      await store.apps.add(app);
      await addFirstRelease(app, request.user);
      await store.audit.append({
        actor: request.user.email,
        action: 'apps:create',
        subject: app.name,
        operationId: null,
      });
      reply.code(201);
      return shape(app);
    },
  );

  api.get(
    '/apps/:app',
    { schema: { operationId: 'getApp', tags, params: AppParams, response: { 200: AppShape, ...failures } } },
    async (request) => shape(await readableApp(store, request.user, request.params.app)),
  );

  api.delete(
    '/apps/:app',
    {
      schema: {
        operationId: 'destroyApp',
        tags,
        params: AppParams,
        querystring: DestroyQuery,
        response: { 200: AppShape, ...failures },
      },
    },
    async (request, reply) => {
      const app = await readableApp(store, request.user, request.params.app);
      if (request.query.force === 'true') await clearQueue(app, request.user);
      const operation = await turns.inTurn(app.id, () => destroy(app, request.user));
      reply.header('dcdget-operation', operation.id);
      return shape(app);
    },
  );

  api.patch(
    '/apps/:app',
    {
      schema: {
        operationId: 'changeApp',
        tags,
        params: AppParams,
        body: AppChange,
        response: { 200: AppShape, ...failures },
      },
    },
    async (request, reply) => {
      const app = await changeableApp(store, request.user, request.params.app);
      const { maintenance, name } = request.body;
      if (name !== undefined && name !== app.name) throw invalid('name', 'cannot be changed: an app keeps its name');
      if (maintenance === undefined) return shape(app);
      return answerMode(reply, app, request.user, (mode) =>
        maintenance ? 'maintenance' : mode === 'maintenance' ? 'serving' : mode,
      );
    },
  );

  for (const [url, operationId, modeAfter] of [
    ['/apps/:app/actions/pause', 'pauseApp', () => 'paused'],
    ['/apps/:app/actions/resume', 'resumeApp', (mode) => (mode === 'paused' ? 'serving' : mode)],
  ] satisfies [string, string, (mode: Mode) => Mode][]) {
    api.post(
      url,
      { schema: { operationId, tags, params: AppParams, response: { 200: AppShape, ...failures } } },
      async (request, reply) => {
        const app = await changeableApp(store, request.user, request.params.app);
        return answerMode(reply, app, request.user, modeAfter);
      },
    );
  }

  async function answerMode(
    reply: FastifyReply,
    { id }: App,
    user: User,
    modeAfter: (mode: Mode) => Mode,
  ): Promise<AppShape> {
    const { app, operationId } = await turns.inTurn(id, () => changeMode(id, user, modeAfter));
    if (operationId !== null) reply.header('dcdget-operation', operationId);
    return shape(app);
  }

  async function changeMode(appId: string, user: User, modeAfter: (mode: Mode) => Mode): Promise<ModeChanged> {
    const app = await changeableApp(store, user, appId);
    const mode = modeAfter(app.mode);
    if (mode === app.mode) return { app, operationId: null };
    // Without a release there is no route to change: the first one is made in this mode.
    const id = app.currentVersion === null ? null : newOperationId();
    if (id !== null) await readiness.assertWorkers(app.stack);
    await store.audit.append({ actor: user.email, action: `mode: ${mode}`, subject: app.name, operationId: id });
    await store.apps.setMode(app.id, mode);
    const change = { mode: { from: app.mode, to: mode } };
    if (id !== null) {
      await starter.start({ id, kind: 'mode', app, subject: app.name, version: null, actor: user, change });
    }
    return { app: { ...app, mode }, operationId: id };
  }

  /** Nothing stays before a forced destroy: what waits is withdrawn, what waits for an operator is given up. */
  async function clearQueue(app: App, user: User): Promise<void> {
    const all = await store.operations.list(app.id);
    for (const operation of all.filter(({ state, kind }) => state === 'queued' && kind !== 'destroy')) {
      await starter.withdraw(operation);
    }
    for (const operation of all.filter(({ state }) => state === 'needs-operator')) await abandon(operation, user);
  }

  async function abandon(operation: Operation, user: User): Promise<void> {
    const { id, appId, subject } = operation;
    const why = 'The app is destroyed by force';
    const action = `operations:abandon: ${why}`;
    await store.audit.append({ actor: user.email, action, subject, operationId: id });
    await temporal.decide({ appId, operationId: id }, { action: 'abandon', by: user.email, why });
    const { state } = await settled(store, id, isFinal);
    if (isFinal(state)) return;
    throw new DcdgetError('unavailable', `The operation that waits for an operator did not end; it is ${state}.`, {
      hint: 'Try again in a moment.',
    });
  }

  async function servingSlug(app: App): Promise<Slug | null> {
    const release = app.currentVersion === null ? null : await store.releases.findVersion(app.id, app.currentVersion);
    return release?.slug ?? null;
  }

  async function addFirstRelease(app: App, user: User): Promise<void> {
    await store.releases.add(
      newRelease(app, user, {
        version: await store.apps.nextVersion(app.id),
        state: 'succeeded',
        description: 'Initial release',
        operationId: newOperationId(),
        configVersion: app.configVersion,
        buildId: null,
      }),
    );
  }

  /** The one that already runs, when there is one. */
  async function destroy(app: App, user: User): Promise<Operation> {
    const running = (await store.operations.list(app.id)).find(
      ({ kind, state }) => kind === 'destroy' && !isFinal(state),
    );
    if (running !== undefined) return running;
    const id = newOperationId();
    await store.audit.append({ actor: user.email, action: 'apps:destroy', subject: app.name, operationId: id });
    const operation = await starter.start({
      id,
      kind: 'destroy',
      app,
      subject: app.name,
      version: null,
      actor: user,
    });
    // After the operation is stored: an app that is closed always has one that ends it.
    await store.apps.setState(app.id, 'destroying');
    return operation;
  }
}

type ModeChanged = { app: App; operationId: string | null };

function newApp(name: string, user: User, asked: { stack?: string; region?: string }): App {
  assertAppName(name);
  if (asked.stack !== undefined && !STACKS.some((stack) => stack.name === asked.stack)) {
    throw invalid('stack', `must be one of: ${STACKS.map((stack) => stack.name).join(', ')}`);
  }
  if (asked.region !== undefined && asked.region !== REGION.name) throw invalid('region', `must be ${REGION.name}`);
  const now = new Date();
  return {
    id: randomUUID(),
    name,
    owner: { id: user.id, email: user.email },
    stack: 'batman',
    state: 'active',
    mode: 'serving',
    configVersion: 0,
    formation: {},
    currentVersion: null,
    createdAt: now,
    updatedAt: now,
    releasedAt: null,
  };
}
