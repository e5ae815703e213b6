import { formationOf } from '../domain/apps.ts';
import type { OperationInput, ReleasePlan, StepInput } from '../domain/operations.ts';
import type { Failure, Release, Slug } from '../domain/releases.ts';
import { RELEASE_STEPS } from '../domain/steps.ts';
import { appOf, idOf, releaseOf } from './context.ts';
import type { ActivityDeps } from './deps.ts';

export type FailInput = StepInput & { failure: Failure; state: 'failed' | 'cancelled' };

export function createReleaseActivities(deps: ActivityDeps) {
  const { apps, builds, instances, operations, releases, servers } = deps.store;

  return {
    /** Freezes what the API numbered, and says what the operation has to do. */
    async createRelease({ operation }: StepInput): Promise<ReleasePlan> {
      await operations.start(operation.operationId);
      const [app, release, running, machines] = await Promise.all([
        appOf(deps, operation),
        releaseOf(deps, operation),
        instances.list(idOf(operation)),
        servers.list(),
      ]);
      const slug = operation.kind === 'deploy' ? null : await slugToKeep(app.id, app.currentVersion);
      if (slug !== null) {
        await releases.setSlug(
          app.id,
          release.version,
          slug,
          formationOf(app.formation, Object.keys(slug.processTypes)),
        );
      }
      const routers = machines.filter((server) => server.state === 'ready' && server.roles.includes('router'));
      return {
        skips: operation.kind === 'deploy' ? {} : skipsWithoutCompile(slug),
        retiring: running.filter(({ version }) => version !== release.version).map(({ id }) => id),
        routers: routers.map(({ name }) => name),
        watchSeconds: deps.watchSeconds,
      };
    },

    /** Undo of createRelease and the end of every failure: the record says what people are told. */
    async failRelease({ operation, failure, state }: FailInput): Promise<void> {
      const release = await releaseOf(deps, operation);
      const told = { ...failure, output: await outputOf(operation, failure) };
      await releases.fail(release.appId, release.version, told);
      if (release.buildId !== null) await builds.change(release.buildId, { state: 'failed' });
      if (operation.kind === 'config') await takeConfigBack(release);
      await operations.end(operation.operationId, state, { failure: told });
    },

    /** The new release is the current one; nothing of the old is left to undo. */
    async completeRelease({ operation }: StepInput): Promise<void> {
      const release = await releaseOf(deps, operation);
      await releases.succeed(release.appId, release.version);
      // A release without code serves nothing: the app has no current one until its first deploy.
      if (release.slug !== null) await apps.setCurrent(release.appId, release.version);
      if (release.buildId !== null) {
        await builds.change(release.buildId, { state: 'succeeded', slugDigest: release.slug?.digest ?? null });
      }
      await operations.end(operation.operationId, 'succeeded');
    },
  };

  async function slugToKeep(appId: string, currentVersion: number | null): Promise<Slug | null> {
    return currentVersion === null ? null : (await releases.get(appId, currentVersion)).slug;
  }

  /** The output of the step that failed was kept out of the workflow; the timeline has it. */
  async function outputOf(operation: OperationInput, failure: Failure): Promise<string | null> {
    await deps.store.steps.flush();
    const rows = await deps.store.steps.list(operation.operationId);
    return rows.find(({ step, output }) => step === failure.step && output !== null)?.output ?? failure.output;
  }

  async function takeConfigBack(release: Release): Promise<void> {
    const before = (await releases.list(release.appId)).find(
      ({ version, state }) => version < release.version && state === 'succeeded',
    );
    await apps.moveConfigHead(release.appId, release.configVersion, before?.configVersion ?? 0);
  }
}

/** A change without a compile keeps the code that serves; before the first deploy there is nothing to rotate. */
function skipsWithoutCompile(slug: Slug | null): ReleasePlan['skips'] {
  if (slug !== null) return { fetchSource: KEPT, compileSlug: KEPT };
  const left = RELEASE_STEPS.filter((step) => !['createRelease', 'placeInstances', 'completeRelease'].includes(step));
  return Object.fromEntries(left.map((step) => [step, 'no code is deployed yet']));
}

const KEPT = 'the code stays as it is';
