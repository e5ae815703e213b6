import type { App } from '../../domain/apps.ts';
import { DcdgetError } from '../../domain/errors.ts';
import type { Release } from '../../domain/releases.ts';
import type { ConfigVars } from '../../store/configs.ts';
import type { User } from '../../store/users.ts';
import { changeableApp, readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import { changedConfig, descriptionOf } from '../config-change.ts';
import type { Dependencies } from '../dependencies.ts';
import { newRelease } from '../new-release.ts';
import { newOperationId, type Starter } from '../operations.ts';
import { AppParams } from '../schemas/apps.ts';
import { ConfigVarsChange, ConfigVarsShape } from '../schemas/config-vars.ts';
import { failures } from '../schemas/errors.ts';
import type { Turns } from '../turns.ts';

const tags = ['config vars'];
const response = { 200: ConfigVarsShape, ...failures };
/** Another process of the API moved the config head in between. */
const ATTEMPTS = 5;

type Outcome = { vars: ConfigVars; operationId: string | null };

export function configVarRoutes(api: Api, deps: Dependencies, starter: Starter, turns: Turns): void {
  const { store } = deps;

  api.get(
    '/apps/:app/config-vars',
    { schema: { operationId: 'getConfigVars', tags, params: AppParams, response } },
    async (request) => {
      const app = await readableApp(store, request.user, request.params.app);
      return store.configs.get(app.id, app.configVersion);
    },
  );

  api.patch(
    '/apps/:app/config-vars',
    { schema: { operationId: 'changeConfigVars', tags, params: AppParams, body: ConfigVarsChange, response } },
    async (request, reply) => {
      const { id } = await changeableApp(store, request.user, request.params.app);
      const { vars, operationId } = await turns.inTurn(id, () => changeConfig(id, request.user, request.body));
      if (operationId !== null) reply.header('dcdget-operation', operationId);
      return vars;
    },
  );

  async function changeConfig(appId: string, user: User, change: Record<string, string | null>): Promise<Outcome> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const app = await changeableApp(store, user, appId);
      const outcome = await tryChange(app, user, change);
      if (outcome !== null) return outcome;
    }
    throw new DcdgetError('conflict', 'Other changes of the config vars came in between; please try again.');
  }

  /** Null when somebody else moved the head. The number is drawn before the move: heads and numbers keep one order. */
  async function tryChange(app: App, user: User, asked: Record<string, string | null>): Promise<Outcome | null> {
    const change = changedConfig(await store.configs.get(app.id, app.configVersion), asked);
    if (change.set.length + change.removed.length === 0) return { vars: change.vars, operationId: null };
    const configVersion = (await store.configs.lastVersion(app.id)) + 1;
    if (!(await store.configs.add(app.id, configVersion, change.vars))) return null;
    const version = await store.apps.nextVersion(app.id);
    if (!(await store.apps.moveConfigHead(app.id, app.configVersion, configVersion))) return null;
    const facts = { version, configVersion, description: descriptionOf(change) };
    const operationId = await release(app, user, facts);
    return { vars: change.vars, operationId };
  }

  /** Numbers the release; an operation brings it to the servers when there is code, or code on its way. */
  async function release(
    app: App,
    user: User,
    facts: Pick<Release, 'version' | 'configVersion' | 'description'>,
  ): Promise<string | null> {
    const id = newOperationId();
    const hasCode = (await store.releases.list(app.id)).some(isOrBringsCode);
    const state = hasCode ? 'pending' : 'succeeded';
    await store.releases.add(newRelease(app, user, { ...facts, state, operationId: id, buildId: null }));
    const operationId = hasCode ? id : null;
    await store.audit.append({
      actor: user.email,
      action: `config: ${facts.description}`,
      subject: app.name,
      operationId,
    });
    if (!hasCode) return null;
    const moved = { config: { from: app.configVersion, to: facts.configVersion } };
    const { version } = facts;
    await starter.start({ id, kind: 'config', app, subject: app.name, version, actor: user, change: moved });
    return id;
  }
}

function isOrBringsCode({ state, slug, buildId }: Release): boolean {
  return state !== 'failed' && (slug !== null || buildId !== null);
}
