import { Type } from 'typebox';
import { readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { page } from '../plugins/ranges.ts';
import { AppParams } from '../schemas/apps.ts';
import { failures } from '../schemas/errors.ts';
import { FormationShape, formationShapes } from '../schemas/formations.ts';

const RANGES = { type: (entry: FormationShape) => entry.type, id: (entry: FormationShape) => entry.id };

export function formationRoutes(api: Api, { store }: Dependencies): void {
  api.get(
    '/apps/:app/formation',
    {
      schema: {
        operationId: 'listFormation',
        tags: ['formation'],
        params: AppParams,
        response: { 200: Type.Array(FormationShape), ...failures },
      },
    },
    async (request, reply) => {
      const app = await readableApp(store, request.user, request.params.app);
      const slug = (await store.releases.list(app.id)).find((release) => release.slug !== null)?.slug;
      return page(request, reply, slug ? formationShapes(app, slug) : [], RANGES);
    },
  );
}
