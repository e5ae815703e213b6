import { Type } from 'typebox';
import type { Release } from '../../domain/releases.ts';
import type { App } from '../../domain/apps.ts';
import { DcdgetError, invalid } from '../../domain/errors.ts';
import type { User } from '../../store/users.ts';
import { changeableApp, readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { newRelease } from '../new-release.ts';
import { newOperationId, type Starter } from '../operations.ts';
import { page } from '../plugins/ranges.ts';
import { createReadiness } from '../readiness.ts';
import { AppParams } from '../schemas/apps.ts';
import { ConfigVarsShape } from '../schemas/config-vars.ts';
import { failures } from '../schemas/errors.ts';
import { currentVersionOf, ReleaseParams, ReleaseShape, releaseShape, Rollback } from '../schemas/releases.ts';
import type { Turns } from '../turns.ts';

const tags = ['releases'];
const RANGES = { version: (release: Release) => release.version, id: (release: Release) => release.id };

/** Another process of the API moved the config head in between. */
const ATTEMPTS = 5;

export function releaseRoutes(api: Api, deps: Dependencies, starter: Starter, turns: Turns): void {
  const { store } = deps;
  const readiness = createReadiness(deps);

  api.get(
    '/apps/:app/releases',
    {
      schema: {
        operationId: 'listReleases',
        tags,
        params: AppParams,
        response: { 200: Type.Array(ReleaseShape), ...failures },
      },
    },
    async (request, reply) => {
      const app = await readableApp(store, request.user, request.params.app);
      const releases = await store.releases.list(app.id);
      const current = currentVersionOf(app, releases);
      return page(request, reply, releases, RANGES).map((release) => releaseShape(app, release, current));
    },
  );

  api.post(
    '/apps/:app/releases',
    {
      schema: {
        operationId: 'rollBack',
        tags,
        params: AppParams,
        body: Rollback,
        response: { 201: ReleaseShape, ...failures },
      },
    },
    async (request, reply) => {
      const app = await changeableApp(store, request.user, request.params.app);
      const target = await targetOf(app, String(request.body.release));
      await readiness.assertWorkers(app.stack);
      const release = await turns.inTurn(app.id, () => rollBack(app.id, request.user, target));
      reply.code(201).header('dcdget-operation', release.operationId);
      return releaseShape(app, release, app.currentVersion);
    },
  );

  api.get(
    '/apps/:app/releases/:version',
    {
      schema: { operationId: 'getRelease', tags, params: ReleaseParams, response: { 200: ReleaseShape, ...failures } },
    },
    async (request) => {
      const app = await readableApp(store, request.user, request.params.app);
      const release = await store.releases.find(app.id, request.params.version);
      const current = app.currentVersion ?? currentVersionOf(app, await store.releases.list(app.id));
      return releaseShape(app, release, current);
    },
  );

  api.get(
    '/apps/:app/releases/:version/config-vars',
    {
      schema: {
        operationId: 'getReleaseConfigVars',
        tags,
        params: ReleaseParams,
        response: { 200: ConfigVarsShape, ...failures },
      },
    },
    async (request) => {
      const app = await readableApp(store, request.user, request.params.app);
      const release = await store.releases.find(app.id, request.params.version);
      return store.configs.get(app.id, release.configVersion);
    },
  );

  /** Throws not_found, and invalid_params for a release that never served code. */
  async function targetOf(app: App, idOrVersion: string): Promise<Release> {
    const target = await store.releases.find(app.id, idOrVersion);
    if (target.state !== 'succeeded')
      throw invalid('release', `v${target.version} is ${target.state}: it never served`);
    if (target.slug === null) throw invalid('release', `v${target.version} has no code`);
    return target;
  }

  async function rollBack(appId: string, user: User, target: Release): Promise<Release> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const app = await changeableApp(store, user, appId);
      const version = await store.apps.nextVersion(app.id);
      const { configVersion: from } = app;
      const { configVersion: to } = target;
      if (from !== to && !(await store.apps.moveConfigHead(app.id, from, to))) continue;
      return startRollback(app, user, version, target);
    }
    throw new DcdgetError('conflict', 'Changes of the config vars came in between; please try again.');
  }

  async function startRollback(app: App, user: User, version: number, target: Release): Promise<Release> {
    const id = newOperationId();
    const { configVersion, slug } = target;
    const description = `Rollback to v${target.version}`;
    const facts = {
      version,
      state: 'pending',
      description,
      operationId: id,
      configVersion,
      slug,
      buildId: null,
    } as const;
    const release = newRelease(app, user, facts);
    await store.releases.add(release);
    const action = `rollback: to v${target.version}`;
    await store.audit.append({ actor: user.email, action, subject: app.name, operationId: id });
    const isMoved = app.configVersion !== configVersion;
    const change = isMoved ? { config: { from: app.configVersion, to: configVersion } } : {};
    await starter.start({ id, kind: 'rollback', app, subject: app.name, version, actor: user, change });
    return release;
  }
}
