import { randomBytes, randomUUID } from 'node:crypto';
import { Type, type Static } from 'typebox';
import { assertBranchName } from '../../domain/branches.ts';
import { DcdgetError, invalid, notFound } from '../../domain/errors.ts';
import { MAX_HOOKS, type Hook } from '../../domain/hooks.ts';
import type { App } from '../../domain/apps.ts';
import { parseRepository } from '../../domain/sources.ts';
import type { User } from '../../store/users.ts';
import { changeableApp, readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import { readDelivery, type Delivery } from '../deliveries.ts';
import type { Dependencies } from '../dependencies.ts';
import type { StartDeploy } from '../deploys.ts';
import { createReadiness } from '../readiness.ts';
import { AppParams } from '../schemas/apps.ts';
import { failures } from '../schemas/errors.ts';
import { DeliveryShape, HookParams, hookShape, HookShape, HookWithSecret, NewHook } from '../schemas/hooks.ts';

const tags = ['hooks'];
const SECRET_BYTES = 32;
/** GitHub's are some kilobytes, and with thousands of commits some megabytes. */
const MAX_DELIVERY_BYTES = 4 * 1024 * 1024;

type Answered = Static<typeof DeliveryShape>;

export function pushHookRoutes(api: Api, deps: Dependencies, startDeploy: StartDeploy): void {
  const { store, gate, addresses } = deps;
  const readiness = createReadiness(deps);
  const shape = (app: App, hook: Hook) =>
    hookShape(hook, `${addresses.publicUrl}/apps/${app.name}/webhooks/${hook.id}`);

  api.get(
    '/apps/:app/hooks',
    {
      schema: {
        operationId: 'listHooks',
        tags,
        params: AppParams,
        response: { 200: Type.Array(HookShape), ...failures },
      },
    },
    async (request) => {
      const app = await readableApp(store, request.user, request.params.app);
      return (await store.hooks.list(app.id)).map((hook) => shape(app, hook));
    },
  );

  api.post(
    '/apps/:app/hooks',
    {
      schema: {
        operationId: 'createHook',
        tags,
        params: AppParams,
        body: NewHook,
        response: { 201: HookWithSecret, ...failures },
      },
    },
    async (request, reply) => {
      const app = await changeableApp(store, request.user, request.params.app);
      const { git, branch = 'main' } = request.body;
      assertBranchName(branch);
      const { origin, secret } = parseRepository({ url: git.url, ref: branch, token: git.token ?? null }, 'git');
      gate.assertOpen(git.url, 'git.url');
      if ((await store.hooks.list(app.id)).length >= MAX_HOOKS) {
        throw new DcdgetError('conflict', `${app.name} has ${MAX_HOOKS} hooks, which is all that an app may have.`);
      }
      const credentials = secret.kind === 'git' ? { user: secret.user, token: secret.token } : null;
      const hook = newHook(app, request.user, origin.url, branch);
      const signs = newSecret();
      await audit(request.user, 'hooks:create', app);
      await store.hooks.add(hook, { secret: signs, credentials });
      reply.code(201);
      return { ...shape(app, hook), secret: signs };
    },
  );

  api.post(
    '/apps/:app/hooks/:hook/actions/rotate',
    {
      schema: { operationId: 'rotateHook', tags, params: HookParams, response: { 200: HookWithSecret, ...failures } },
    },
    async (request) => {
      const app = await changeableApp(store, request.user, request.params.app);
      const { credentials } = await store.hooks.secretsOf(app.id, request.params.hook);
      const secret = newSecret();
      await audit(request.user, 'hooks:rotate', app);
      await store.hooks.setSecrets(request.params.hook, { secret, credentials });
      return { ...shape(app, await store.hooks.get(app.id, request.params.hook)), secret };
    },
  );

  api.delete(
    '/apps/:app/hooks/:hook',
    { schema: { operationId: 'deleteHook', tags, params: HookParams, response: { 200: HookShape, ...failures } } },
    async (request) => {
      const app = await changeableApp(store, request.user, request.params.app);
      const hook = await store.hooks.get(app.id, request.params.hook);
      await audit(request.user, 'hooks:delete', app);
      await store.hooks.remove(hook.id);
      return shape(app, hook);
    },
  );

  // Within a plugin of its own: here the body is what was signed, byte for byte.
  void api.register(async (deliveries: Api) => {
    deliveries.removeAllContentTypeParsers();
    deliveries.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    deliveries.post(
      '/apps/:app/webhooks/:hook',
      {
        config: { access: 'signature' as const },
        bodyLimit: MAX_DELIVERY_BYTES,
        schema: {
          operationId: 'deliver',
          tags,
          description: 'Tells of a push; the body is signed with the secret of the hook.',
          params: HookParams,
          response: { 200: DeliveryShape, 202: DeliveryShape, ...failures },
        },
      },
      async (request, reply) => {
        const { app: name, hook: id } = request.params;
        const app = await store.apps.find(name);
        if (app === null) throw notFound('hook', id);
        const hook = await store.hooks.get(app.id, id);
        const { secret } = await store.hooks.secretsOf(app.id, id);
        const body: unknown = request.body;
        if (!Buffer.isBuffer(body)) throw invalid('body', 'is empty');
        const answered = await take(app, hook, readDelivery(request.headers, body, secret));
        await store.hooks.setDelivery(hook.id, { at: new Date(), outcome: answered.reason ?? answered.status });
        reply.code(answered.status === 'deploying' ? 202 : 200);
        return answered;
      },
    );
  });

  async function take(app: App, hook: Hook, delivery: Delivery): Promise<Answered> {
    if (delivery.kind === 'other') return ignored(`${delivery.what} deploys nothing`);
    if (delivery.branch !== hook.branch) return ignored(`only ${hook.branch} deploys`);
    await readiness.assertCanDeploy(app.stack);
    if (!(await store.hooks.admit(hook.id, delivery.names))) return ignored('this delivery was taken before');
    try {
      return await deploy(app, hook);
    } catch (error) {
      await store.hooks.forget(hook.id, delivery.names);
      throw error;
    }
  }

  async function deploy(app: App, hook: Hook): Promise<Answered> {
    const { credentials } = await store.hooks.secretsOf(app.id, hook.id);
    const build = await startDeploy(app.id, userOf(hook), {
      id: randomUUID(),
      version: null,
      sourced: {
        origin: { kind: 'git', url: hook.url, ref: hook.branch },
        secret: credentials === null ? { kind: 'none' } : { kind: 'git', ...credentials },
      },
    });
    const { operationId, version } = build;
    return { status: 'deploying', reason: null, operation: { id: operationId }, release: { version } };
  }

  async function audit({ email }: User, action: string, { name }: App): Promise<void> {
    await store.audit.append({ actor: email, action, subject: name, operationId: null });
  }
}

function newHook({ id: appId }: App, { id, email }: User, url: string, branch: string): Hook {
  const createdAt = new Date();
  const user = { id, email };
  return { id: randomUUID(), appId, url, branch, user, createdAt, updatedAt: createdAt, delivery: null };
}

/** Whoever made the hook; what they may not do any more, it does not either. */
function userOf({ user, createdAt }: Hook): User {
  return { ...user, isOperator: false, createdAt };
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

function ignored(reason: string): Answered {
  return { status: 'ignored', reason, operation: null, release: null };
}
