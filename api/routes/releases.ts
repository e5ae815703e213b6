import { Type } from 'typebox';
import type { Release } from '../../domain/releases.ts';
import { readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { page } from '../plugins/ranges.ts';
import { AppParams } from '../schemas/apps.ts';
import { ConfigVarsShape } from '../schemas/config-vars.ts';
import { failures } from '../schemas/errors.ts';
import { currentVersionOf, ReleaseParams, ReleaseShape, releaseShape } from '../schemas/releases.ts';

const tags = ['releases'];
const RANGES = { version: (release: Release) => release.version, id: (release: Release) => release.id };

export function releaseRoutes(api: Api, { store }: Dependencies): void {
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
}
