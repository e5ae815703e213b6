import { DEFAULT_SIZE, formationOf, type App } from '../domain/apps.ts';
import { isInScope, type Instance } from '../domain/instances.ts';
import {
  makesRelease,
  type Operation,
  type OperationInput,
  type ReleasePlan,
  type StepInput,
} from '../domain/operations.ts';
import type { Failure, Release, Slug } from '../domain/releases.ts';
import { RELEASE_STEPS, type ReleaseStep } from '../domain/steps.ts';
import { dropPushed, moveBranch } from './branches.ts';
import { appOf, idOf } from './context.ts';
import type { ActivityDeps } from './deps.ts';
import { createRetirementActivities } from './retirement.ts';

export type FailInput = StepInput & { failure: Failure; state: 'failed' | 'cancelled' };

export function createReleaseActivities(deps: ActivityDeps) {
  const { apps, builds, instances, operations, releases, servers, steps } = deps.store;
  const { beginRetiring } = createRetirementActivities(deps);

  return {
    /** Freezes what the API numbered, and says what the operation has to do. */
    async createRelease({ operation }: StepInput): Promise<ReleasePlan> {
      const appId = idOf(operation);
      const begun = await operations.begin(operation.operationId, () => apps.nextSequence(appId));
      const [app, running, machines] = await Promise.all([
        appOf(deps, operation),
        instances.list(appId),
        servers.list(),
      ]);
      const version = operation.version ?? app.currentVersion;
      const release = version === null ? null : await releases.get(appId, version);
      const slug = release === null ? null : await freezeRelease(begun, app, release);
      // What retires goes by itself: it belongs to an earlier operation.
      const others = running.filter(({ sequence, state }) => sequence !== begun.sequence && state !== 'retiring');
      const keep = instancesToKeep(begun, app, slug, others);
      if (!isSame(keep, begun.keep)) await operations.setKeep(begun.id, keep);
      const retiring = others.filter(({ id }) => !keep.includes(id));
      const routers = machines.filter((server) => server.state === 'ready' && server.roles.includes('router'));
      return {
        operation: { ...operation, sequence: begun.sequence, version },
        skips: skipsOf(begun, slug),
        retiring: retiring.map(({ id }) => id),
        leaving: [...new Set(retiring.map(({ serverName }) => serverName))],
        routers: routers.map(({ name }) => name),
        watchSeconds: begun.kind === 'mode' ? 0 : deps.watchSeconds,
      };
    },

    /** Undo of createRelease and the end of every failure: the record says what people are told. */
    async failRelease({ operation, failure, state }: FailInput): Promise<void> {
      const told = { ...failure, output: await outputOf(operation, failure) };
      const record = await operations.get(operation.operationId);
      if (makesRelease(record.kind) && record.version !== null)
        await failNumbered(idOf(operation), record.version, told);
      await takeBack(idOf(operation), record);
      if (record.kind === 'deploy') await dropPushed(deps, idOf(operation), operation.operationId);
      await steps.settle(operation.operationId, 'undone', ['createRelease']);
      await operations.end(operation.operationId, state, { failure: told });
    },

    /** The new release is the current one, and what served before retires. */
    async completeRelease({ operation }: StepInput): Promise<void> {
      const appId = idOf(operation);
      const [record, running] = await Promise.all([operations.get(operation.operationId), instances.list(appId)]);
      const old = running.filter(({ id, sequence }) => sequence < operation.sequence && !record.keep.includes(id));
      await Promise.all([
        beginRetiring(old),
        operation.version === null
          ? undefined
          : releases.frozen(appId, operation.version).then((release) => completeNumbered(release, record)),
        moveBranch(deps, operation),
        steps.settle(operation.operationId, 'succeeded', ['completeRelease', 'retireContainer']),
      ]);
      await operations.end(operation.operationId, 'succeeded');
    },
  };

  /** The code that the release runs: known before a compile for everything but a deploy. */
  async function freezeRelease({ kind }: Operation, app: App, release: Release): Promise<Slug | null> {
    switch (kind) {
      case 'deploy':
        // The config that it was numbered with has failed meanwhile.
        if ((await configBefore(app.id, release.configVersion, release.version)) !== release.configVersion) {
          await releases.setConfigVersion(app.id, release.version, app.configVersion);
        }
        return null;
      case 'config': {
        const slug = app.currentVersion === null ? null : (await releases.frozen(app.id, app.currentVersion)).slug;
        if (slug !== null) await releases.setSlug(app.id, release.version, slug);
        return slug;
      }
      default:
        return release.slug;
    }
  }

  async function failNumbered(appId: string, version: number, failure: Failure): Promise<void> {
    const release = await releases.get(appId, version);
    await releases.fail(appId, version, failure);
    if (release.buildId !== null) await builds.change(release.buildId, { state: 'failed' });
  }

  async function completeNumbered(release: Release, { kind, formation }: Operation): Promise<void> {
    const { appId, version, slug, buildId } = release;
    if (!makesRelease(kind)) {
      if (formation !== null) await releases.setFormation(appId, version, formation);
      return;
    }
    await Promise.all([
      releases.succeed(appId, version, formation),
      // A release without code serves nothing: the app has no current one until its first deploy.
      slug === null ? undefined : apps.setCurrent(appId, version),
      buildId === null ? undefined : builds.change(buildId, { state: 'succeeded', slugDigest: slug?.digest ?? null }),
    ]);
  }

  /** The output of the step that failed was kept out of the workflow; the timeline has it. */
  async function outputOf(operation: OperationInput, failure: Failure): Promise<string | null> {
    await deps.store.steps.flush();
    const rows = await deps.store.steps.list(operation.operationId);
    return rows.find(({ step, output }) => step === failure.step && output !== null)?.output ?? failure.output;
  }

  /** The config that was there before, unless the change that made it has failed too: then what last served. */
  async function configBefore(appId: string, from: number, asker?: number): Promise<number> {
    const all = (await releases.list(appId)).filter(({ version }) => version !== asker);
    const holders = all.filter(({ configVersion }) => configVersion === from);
    if (holders.length === 0 || holders.some(({ state }) => state !== 'failed')) return from;
    return all.find(({ state }) => state === 'succeeded')?.configVersion ?? 0;
  }

  /** What the request changed on the app goes back, unless a later request changed it again. */
  async function takeBack(appId: string, { change }: Operation): Promise<void> {
    if (change.config !== undefined) {
      await apps.moveConfigHead(appId, change.config.to, await configBefore(appId, change.config.from));
    }
    const app = await apps.get(appId);
    if (change.formation !== undefined && isSame(app.formation, change.formation.to)) {
      await apps.setFormation(appId, change.formation.from);
    }
    if (change.mode !== undefined && app.mode === change.mode.to) await apps.setMode(appId, change.mode.from);
  }
}

/** What stays as it is: nothing in a rotation, the others in a restart, what is still wished for in a scale. */
function instancesToKeep(
  { kind, scope }: Operation,
  app: App,
  slug: Slug | null,
  running: readonly Instance[],
): string[] {
  const kept = running.filter((instance) => {
    if (kind === 'mode') return true;
    if (kind === 'restart') return !isInScope(instance, scope);
    return kind === 'scale' && slug !== null && isWished(instance, app, slug);
  });
  return kept.map(({ id }) => id);
}

function isWished(instance: Instance, app: App, slug: Slug): boolean {
  const wish = formationOf(app.formation, Object.keys(slug.processTypes))[instance.type];
  return wish !== undefined && instance.number <= wish.quantity && instance.size === (wish.size ?? DEFAULT_SIZE);
}

function skipsOf({ kind }: Operation, slug: Slug | null): ReleasePlan['skips'] {
  const kept = 'the code stays as it is';
  if (kind === 'deploy') return {};
  if (slug === null) return allBut(['createRelease', 'placeInstances', 'completeRelease'], 'no code is deployed yet');
  if (kind === 'mode') {
    return allBut(['createRelease', 'placeInstances', 'updateNginx', 'completeRelease'], 'instances stay as they are');
  }
  const skips = { fetchSource: kept, compileSlug: kept };
  return makesRelease(kind) ? skips : { ...skips, runReleaseCommand: 'the release is not new' };
}

function allBut(steps: readonly ReleaseStep[], reason: string): ReleasePlan['skips'] {
  return Object.fromEntries(RELEASE_STEPS.filter((step) => !steps.includes(step)).map((step) => [step, reason]));
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
