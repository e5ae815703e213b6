import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { App } from '../../domain/apps.ts';
import { DcdgetError, notFound } from '../../domain/errors.ts';
import { changeableApp, readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import type { StartDeploy } from '../deploys.ts';
import { told } from '../plugins/errors.ts';
import { createReadiness } from '../readiness.ts';
import { serveByGit, type GitService } from './backend.ts';
import { decide, hear, sayTo } from './hook.ts';
import { createPushes } from './push.ts';
import { BundleMissing, createRepositories, type Repository } from './repositories.ts';

/** Transfers at once; a push counts until its deploy has begun. */
const MAX_TRANSFERS = 8;
const MAX_TRANSFERS_OF_USER = 3;
/** For a repository to be restored. */
const OPEN_MS = 5 * 60_000;
/** For a transfer, and for a push again once its deploy has begun. */
const TRANSFER_MS = 30 * 60_000;
const FOLLOW_MS = 65 * 60_000;
const REPOSITORY = /^([a-z][a-z0-9-]{1,28}[a-z0-9])\.git$/;

const SERVICES: readonly GitService[] = ['git-upload-pack', 'git-receive-pack'];
const params = Type.Object({ repository: Type.String({ maxLength: 64 }) });

/** Git's smart HTTP at `/<app>.git`, and nothing else below it. */
export function gitRoutes(api: Api, deps: Dependencies, startDeploy: StartDeploy, closing: AbortSignal): void {
  const { store } = deps;
  const repositories = createRepositories(deps.git, deps.objects);
  const receivePush = createPushes(deps, startDeploy, createReadiness(deps));
  /** Who has a transfer under way, once for each. */
  const transfers: string[] = [];
  api.addHook('onClose', () => repositories.close());

  // Within a plugin of its own: here a body of any type is a stream, and an error is a text, which git shows.
  void api.register(async (git: Api) => {
    git.removeAllContentTypeParsers();
    git.addContentTypeParser('*', (_request, body, done) => done(null, body));
    git.setErrorHandler((error: FastifyError | DcdgetError, request, reply) => {
      const { status, known } = told(error, request, reply);
      return reply
        .code(status)
        .type('text/plain; charset=utf-8')
        .send([known.message, known.hint ?? ''].join('\n').trimEnd());
    });

    git.get(
      '/:repository/info/refs',
      { schema: { hide: true, params, querystring: Type.Object({ service: Type.Optional(Type.String()) }) } },
      async (request, reply) => {
        const service = SERVICES.find((one) => one === request.query.service);
        if (service === undefined) {
          throw new DcdgetError('forbidden', 'Only the smart HTTP of git is spoken here; this git is too old.');
        }
        return serve(request, reply, request.params.repository, service, true);
      },
    );

    for (const service of SERVICES) {
      git.post(`/:repository/${service}`, { schema: { hide: true, params } }, async (request, reply) =>
        serve(request, reply, request.params.repository, service, false),
      );
    }
  });

  async function serve(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    service: GitService,
    isAdvertisement: boolean,
  ): Promise<FastifyReply> {
    const app = await appOf(request, name, service);
    const user = request.user.email;
    if (transfers.length >= MAX_TRANSFERS) throw isBusy(MAX_TRANSFERS, 'all at once');
    if (transfers.filter((one) => one === user).length >= MAX_TRANSFERS_OF_USER) {
      throw isBusy(MAX_TRANSFERS_OF_USER, 'all that one user may have');
    }
    transfers.push(user);
    const endTransfer = once(() => transfers.splice(transfers.indexOf(user), 1));
    try {
      const repository = await openFor(request, reply, app, service);
      reply.hijack();
      try {
        await answer({ request, reply, app, service, isAdvertisement, repository, endTransfer });
      } finally {
        await repository.remove();
      }
    } finally {
      endTransfer();
    }
    return reply;
  }

  /** Ends what it waits for when the client leaves, or when it takes too long: throws unavailable. */
  async function openFor(
    request: FastifyRequest,
    reply: FastifyReply,
    app: App,
    service: GitService,
  ): Promise<Repository> {
    const gone = new AbortController();
    const leave = () => gone.abort();
    reply.raw.once('close', leave);
    const signal = AbortSignal.any([gone.signal, closing, AbortSignal.timeout(OPEN_MS)]);
    try {
      return await open(request, app, service, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      request.log.warn({ err: error, app: app.name }, 'A repository was not restored in time');
      throw new DcdgetError('unavailable', 'The repository could not be restored in time; please try again.');
    } finally {
      reply.raw.off('close', leave);
    }
  }

  /** What is lost reads as lost, and a push begins it anew. */
  async function open(
    request: FastifyRequest,
    app: App,
    service: GitService,
    signal: AbortSignal,
  ): Promise<Repository> {
    try {
      return await repositories.open(await store.branches.get(app.id), signal);
    } catch (error) {
      if (!(error instanceof BundleMissing)) throw error;
      const branch = await store.branches.get(app.id);
      if (!branch.head?.bundles.includes(error.id)) return repositories.open(branch, signal);
      request.log.error({ app: app.name, bundle: error.id }, 'A bundle of a repository is gone from the object store');
      if (service === 'git-receive-pack') return repositories.open({ ...branch, head: null }, signal, branch.head);
      throw new DcdgetError('unavailable', `What was pushed to ${app.name} is gone from the object store.`, {
        hint: 'Push it again from a clone that has it; the app serves as before.',
      });
    }
  }

  async function answer(exchange: Exchange): Promise<void> {
    const { request, reply, app, service, isAdvertisement, repository } = exchange;
    const call = { path: repository.path, user: request.user.email, service, isAdvertisement };
    const backend = serveByGit(call, request.raw, reply.raw);
    const gone = new AbortController();
    const leave = () => {
      gone.abort();
      backend.end();
    };
    reply.raw.once('close', leave);
    // Who left while the repository was restored.
    if (reply.raw.destroyed) leave();
    // A client that neither reads nor leaves would be waited for.
    const cutOff = () => reply.raw.destroy();
    let deadline = setTimeout(cutOff, TRANSFER_MS);
    const decided =
      service === 'git-receive-pack' && !isAdvertisement
        ? converse(exchange, backend.hook, gone.signal, () => {
            clearTimeout(deadline);
            deadline = setTimeout(cutOff, FOLLOW_MS);
          })
        : undefined;
    try {
      await backend.ended;
    } catch (error) {
      if (!gone.signal.aborted) request.log.error({ err: error, app: app.name }, 'A request of git broke off');
      reply.raw.destroy();
    } finally {
      reply.raw.off('close', leave);
      clearTimeout(deadline);
      gone.abort();
      await decided;
    }
  }

  /** Hears what the hook of a push has to say, and decides. */
  async function converse(
    { request, app, repository, endTransfer }: Exchange,
    hook: Parameters<typeof hear>[0],
    gone: AbortSignal,
    onDeploying: () => void,
  ): Promise<void> {
    try {
      const pushed = await hear(hook);
      if (pushed === null) return;
      const exitCode = await receivePush({
        app,
        user: request.user,
        repository,
        pushed,
        say: sayTo(hook),
        signal: AbortSignal.any([gone, closing]),
        onDeploying: () => {
          endTransfer();
          onDeploying();
        },
        log: request.log,
      });
      decide(hook, exitCode);
    } catch (error) {
      request.log.error({ err: error, app: app.name }, 'A push could not be decided');
      const isKnown = error instanceof DcdgetError && error.code !== 'internal';
      sayTo(hook)(` !     ${isKnown ? error.message : 'Something went wrong inside dcdget; its log tells more.'}`);
      decide(hook, 1);
    }
  }

  /** Throws not_found for whatever is not the repository of an app that the user may see. */
  async function appOf(request: FastifyRequest, repository: string, service: GitService): Promise<App> {
    const name = REPOSITORY.exec(repository)?.[1];
    if (name === undefined) throw notFound('repository', repository);
    const access = service === 'git-receive-pack' ? changeableApp : readableApp;
    return access(store, request.user, name);
  }
}

type Exchange = {
  request: FastifyRequest;
  reply: FastifyReply;
  app: App;
  service: GitService;
  isAdvertisement: boolean;
  repository: Repository;
  endTransfer: () => void;
};

function isBusy(count: number, which: string): DcdgetError {
  return new DcdgetError('unavailable', `${count} transfers of git are under way, which is ${which}.`, {
    hint: 'Try again in a moment.',
  });
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}
