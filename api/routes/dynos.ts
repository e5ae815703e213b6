import { Type } from 'typebox';
import { readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { page } from '../plugins/ranges.ts';
import { AppParams } from '../schemas/apps.ts';
import { DynoShape, dynoShape } from '../schemas/dynos.ts';
import { failures } from '../schemas/errors.ts';

const RANGES = { name: (dyno: DynoShape) => dyno.name, id: (dyno: DynoShape) => dyno.id };

export function dynoRoutes(api: Api, { store }: Dependencies): void {
  api.get(
    '/apps/:app/dynos',
    {
      schema: {
        operationId: 'listDynos',
        tags: ['dynos'],
        params: AppParams,
        response: { 200: Type.Array(DynoShape), ...failures },
      },
    },
    async (request, reply) => {
      const app = await readableApp(store, request.user, request.params.app);
      const [instances, releases] = await Promise.all([store.instances.list(app.id), store.releases.list(app.id)]);
      const byVersion = new Map(releases.map((release) => [release.version, release]));
      const dynos = instances.flatMap((instance) => {
        const release = byVersion.get(instance.version);
        return release === undefined ? [] : [dynoShape(app, instance, release)];
      });
      return page(request, reply, dynos, RANGES);
    },
  );
}
