import { Type } from 'typebox';
import type { App } from '../../domain/apps.ts';
import { buildpackName, parseBuildpack } from '../../domain/buildpacks.ts';
import { invalid } from '../../domain/errors.ts';
import { changeableApp, readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { AppParams } from '../schemas/apps.ts';
import { BuildpackInstallation, buildpackShape, BuildpackUpdates } from '../schemas/buildpacks.ts';
import { failures } from '../schemas/errors.ts';

const tags = ['buildpacks'];
const PATH = '/apps/:app/buildpack-installations';
const response = { 200: Type.Array(BuildpackInstallation), ...failures };

export function buildpackRoutes(api: Api, { store, buildpacks: own }: Dependencies): void {
  api.get(PATH, { schema: { operationId: 'listBuildpacks', tags, params: AppParams, response } }, async (request) =>
    installations(await readableApp(store, request.user, request.params.app)),
  );

  api.put(
    PATH,
    { schema: { operationId: 'setBuildpacks', tags, params: AppParams, body: BuildpackUpdates, response } },
    async (request) => {
      const app = await changeableApp(store, request.user, request.params.app);
      const names = request.body.updates.map(({ buildpack }, index) =>
        checkedBuildpack(own, buildpack, `updates.${index}.buildpack`),
      );
      const twice = names.find((name, index) => names.indexOf(name) !== index);
      if (twice !== undefined) throw invalid('updates', `has ${twice} twice`);
      await store.audit.append({
        actor: request.user.email,
        action: `buildpacks: ${names.join(', ') || 'detected'}`,
        subject: app.name,
        operationId: null,
      });
      await store.apps.setBuildpacks(app.id, names);
      return installations({ ...app, buildpacks: names });
    },
  );
}

/** The buildpack's one name. Throws invalid_params naming the field, also for one of our own that does not exist. */
export function checkedBuildpack(own: ReadonlySet<string>, text: string, field: string): string {
  const buildpack = parseBuildpack(text, field);
  if (buildpack.kind === 'own' && !own.has(buildpack.name)) {
    const names = [...own].map((name) => buildpackName({ kind: 'own', name })).toSorted();
    throw invalid(field, `is no buildpack of this dcdget; it has ${names.join(', ')}`);
  }
  return buildpackName(buildpack);
}

function installations(app: App): BuildpackInstallation[] {
  return (app.buildpacks ?? []).map((name, ordinal) => ({ ordinal, buildpack: buildpackShape(name) }));
}
