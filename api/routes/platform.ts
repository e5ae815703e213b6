import { Type } from 'typebox';
import { notFound } from '../../domain/errors.ts';
import { readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { AppParams } from '../schemas/apps.ts';
import { CollaboratorShape, ownerShape } from '../schemas/collaborators.ts';
import { failures } from '../schemas/errors.ts';
import { REGION, RegionShape, STACKS, StackShape } from '../schemas/platform.ts';

const tags = ['platform'];

/** What Heroku's clients ask for beside what they came for. */
export function platformRoutes(api: Api, { store }: Dependencies): void {
  api.get(
    '/stacks',
    { schema: { operationId: 'listStacks', tags, response: { 200: Type.Array(StackShape), ...failures } } },
    async () => [...STACKS],
  );

  api.get(
    '/regions',
    { schema: { operationId: 'listRegions', tags, response: { 200: Type.Array(RegionShape), ...failures } } },
    async () => [REGION],
  );

  api.get(
    '/apps/:app/addons',
    {
      schema: {
        operationId: 'listAddons',
        tags,
        params: AppParams,
        response: { 200: Type.Array(Type.Object({ id: Type.String() })), ...failures },
      },
    },
    async (request) => {
      await readableApp(store, request.user, request.params.app);
      return [];
    },
  );

  api.get(
    '/apps/:app/collaborators',
    {
      schema: {
        operationId: 'listCollaborators',
        tags,
        params: AppParams,
        response: { 200: Type.Array(CollaboratorShape), ...failures },
      },
    },
    async (request) => [ownerShape(await readableApp(store, request.user, request.params.app))],
  );

  api.get(
    '/apps/:app/pipeline-couplings',
    { schema: { operationId: 'getPipelineCoupling', tags, params: AppParams, response: failures } },
    async (request) => {
      const app = await readableApp(store, request.user, request.params.app);
      throw notFound('pipeline coupling', app.name);
    },
  );
}
