import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import type { App } from '../../domain/apps.ts';
import { invalid } from '../../domain/errors.ts';
import { assertAppName } from '../../domain/names.ts';
import { isFinal, type Operation } from '../../domain/operations.ts';
import type { Slug } from '../../domain/releases.ts';
import type { User } from '../../store/users.ts';
import { isReadable, readableApp } from '../access.ts';
import { madeUpAppName } from '../app-names.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { newRelease } from '../new-release.ts';
import { newOperationId, type Starter } from '../operations.ts';
import { page } from '../plugins/ranges.ts';
import { AppParams, AppShape, appShape, NewApp } from '../schemas/apps.ts';
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
  const { store, addresses } = deps;

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
    { schema: { operationId: 'destroyApp', tags, params: AppParams, response: { 200: AppShape, ...failures } } },
    async (request, reply) => {
      const app = await readableApp(store, request.user, request.params.app);
      const operation = await turns.inTurn(app.id, () => destroy(app, request.user));
      reply.header('dcdget-operation', operation.id);
      return shape(app);
    },
  );

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
