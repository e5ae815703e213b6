import { Type } from 'typebox';
import type { App } from '../../domain/apps.ts';
import type { Slug } from '../../domain/releases.ts';
import type { User } from '../../store/users.ts';
import { changeableApp, readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import { newestCode, scalableTypes } from '../code.ts';
import type { Dependencies } from '../dependencies.ts';
import { changedFormation } from '../formation-change.ts';
import { newOperationId, type Starter } from '../operations.ts';
import { page } from '../plugins/ranges.ts';
import { createReadiness } from '../readiness.ts';
import { AppParams } from '../schemas/apps.ts';
import { failures } from '../schemas/errors.ts';
import { FormationChange, FormationShape, formationShapes, type FormationUpdate } from '../schemas/formations.ts';
import type { Turns } from '../turns.ts';

const tags = ['formation'];
const response = { 200: Type.Array(FormationShape), ...failures };
const RANGES = { type: (entry: FormationShape) => entry.type, id: (entry: FormationShape) => entry.id };

type Outcome = { app: App; slug: Slug | null; operationId: string | null };

export function formationRoutes(api: Api, deps: Dependencies, starter: Starter, turns: Turns): void {
  const { store } = deps;
  const readiness = createReadiness(deps);

  api.get(
    '/apps/:app/formation',
    { schema: { operationId: 'listFormation', tags, params: AppParams, response } },
    async (request, reply) => {
      const app = await readableApp(store, request.user, request.params.app);
      return page(request, reply, shapes(app, await newestCode(store, app)), RANGES);
    },
  );

  api.patch(
    '/apps/:app/formation',
    { schema: { operationId: 'scale', tags, params: AppParams, body: FormationChange, response } },
    async (request, reply) => {
      const { id } = await changeableApp(store, request.user, request.params.app);
      const outcome = await turns.inTurn(id, () => scale(id, request.user, request.body.updates));
      if (outcome.operationId !== null) reply.header('dcdget-operation', outcome.operationId);
      return shapes(outcome.app, outcome.slug);
    },
  );

  async function scale(appId: string, user: User, updates: readonly FormationUpdate[]): Promise<Outcome> {
    const app = await changeableApp(store, user, appId);
    const slug = await newestCode(store, app);
    const formation = changedFormation(app.formation, scalableTypes(slug), updates);
    if (formation === app.formation) return { app, slug, operationId: null };
    await readiness.assertWorkers(app.stack);
    const id = newOperationId();
    const action = `ps:scale: ${updates.map(({ type }) => `${type}=${formation[type]?.quantity}`).join(' ')}`;
    await store.audit.append({ actor: user.email, action, subject: app.name, operationId: id });
    await store.apps.setFormation(app.id, formation);
    const change = { formation: { from: app.formation, to: formation } };
    await starter.start({ id, kind: 'scale', app, subject: app.name, version: null, actor: user, change });
    return { app: { ...app, formation }, slug, operationId: id };
  }
}

function shapes(app: App, slug: Slug | null): FormationShape[] {
  return slug === null ? [] : formationShapes(app, slug);
}
