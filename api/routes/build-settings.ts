import { Type } from 'typebox';
import { CONFIG_KEY } from '../../domain/names.ts';
import { invalid } from '../../domain/errors.ts';
import { cachePrefix } from '../../objects/keys.ts';
import { changeableApp, readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { AppParams } from '../schemas/apps.ts';
import { BuildVarsChange, BuildVarsShape } from '../schemas/build-vars.ts';
import { failures } from '../schemas/errors.ts';
import type { Turns } from '../turns.ts';

const tags = ['builds'];
const VARS_PATH = '/apps/:app/build-config-vars';
const MOST_NAMES = 100;

/** Which config vars builds are given, and the cache that they leave. */
export function buildSettingRoutes(api: Api, { store, objects }: Dependencies, turns: Turns): void {
  const response = { 200: BuildVarsShape, ...failures };

  api.get(
    VARS_PATH,
    { schema: { operationId: 'getBuildConfigVars', tags, params: AppParams, response } },
    async (request) => shape((await readableApp(store, request.user, request.params.app)).buildVars ?? []),
  );

  api.patch(
    VARS_PATH,
    {
      schema: { operationId: 'changeBuildConfigVars', tags, params: AppParams, body: BuildVarsChange, response },
    },
    async (request) => {
      const { id } = await changeableApp(store, request.user, request.params.app);
      return turns.inTurn(id, async () => {
        const app = await changeableApp(store, request.user, id);
        const names = changedNames(app.buildVars ?? [], request.body);
        await store.audit.append({
          actor: request.user.email,
          action: `config vars of builds: ${names.join(', ') || 'none'}`,
          subject: app.name,
          operationId: null,
        });
        await store.apps.setBuildVars(id, names);
        return shape(names);
      });
    },
  );

  api.delete(
    '/apps/:app/build-cache',
    {
      schema: {
        operationId: 'purgeBuildCache',
        tags,
        params: AppParams,
        response: { 200: Type.Object({}, { description: 'Nothing is left of it' }), ...failures },
      },
    },
    async (request) => {
      const app = await changeableApp(store, request.user, request.params.app);
      await store.audit.append({
        actor: request.user.email,
        action: 'builds:cache:purge',
        subject: app.name,
        operationId: null,
      });
      await objects.removeAll(cachePrefix(app.id));
      await store.builds.forgetCompiled(app.id);
      return {};
    },
  );
}

function changedNames(names: readonly string[], change: Readonly<Record<string, boolean>>): string[] {
  for (const name of Object.keys(change)) {
    if (!CONFIG_KEY.test(name)) throw invalid(name, 'is not a config var name');
  }
  const kept = names.filter((name) => !Object.hasOwn(change, name));
  const given = Object.entries(change).flatMap(([name, isGiven]) => (isGiven ? [name] : []));
  const changed = [...kept, ...given].toSorted();
  if (changed.length > MOST_NAMES) throw invalid('names', `may be at most ${MOST_NAMES}`);
  return changed;
}

function shape(names: readonly string[]): Record<string, true> {
  return Object.fromEntries(names.map((name) => [name, true]));
}
