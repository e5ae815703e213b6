import { SIZES } from '../domain/apps.ts';
import { DcdgetError } from '../domain/errors.ts';
import { CONTAINER_PORT, processName, type Instance, type PlacedInstance } from '../domain/instances.ts';
import type { StepInput } from '../domain/operations.ts';
import { settingsOf } from '../domain/processes.ts';
import type { Release } from '../domain/releases.ts';
import { containerAddressOf, hostPortOf, type ServerReach } from '../domain/servers.ts';
import type { ConfigVars } from '../store/configs.ts';
import { attachmentOf } from './attachment.ts';
import { findInstance, instanceOf, releaseOf } from './context.ts';
import type { ActivityDeps } from './deps.ts';
import { createPlacementActivities } from './placements.ts';
import { base64, instanceLock, run, STOP_TIMEOUT_SECONDS } from './recipes.ts';

const STOP_GRACE_SECONDS = 10;
const LOG_MAX_BYTES = 10 * 1024 * 1024;
const LOG_KEEP = 5;
/** Of a process on a server: what waits to be archived is removed unarchived beyond it. */
const LOG_BUDGET_BYTES = 256 * 1024 * 1024;
/** So that what is seldom written gets to the archive too. */
const LOG_MAX_AGE_SECONDS = 86_400;
const ARCHIVED = { logBudgetBytes: LOG_BUDGET_BYTES, logMaxAgeSeconds: LOG_MAX_AGE_SECONDS };
const SAMPLE_SECONDS = 20;
const APP_USER = { uid: 1000, gid: 1000 };
const RELEASE_COMMAND_SECONDS = 600;

type Reports = {
  hook: { url: string; token: string };
  hub?: { address: string; serverName: string; token: string };
};

export function createContainerActivities(deps: ActivityDeps) {
  const { configs, instances, servers, sessions, signatures } = deps.store;
  const { forgetInstance } = createPlacementActivities(deps);

  return {
    /** Environment and command of one instance: files that only the container's root reads. */
    async writeEnvironment(step: StepInput): Promise<void> {
      const [{ instance, server }, release] = await Promise.all([
        instanceOf(deps, step),
        releaseOf(deps, step.operation),
      ]);
      const config = await configs.get(release.appId, release.configVersion);
      const own = instance.sessionId === undefined ? null : attachmentOf(deps, await sessions.get(instance.sessionId));
      const vars = { ...config, ...own?.env };
      const reports = reportsOf(instance);
      const rotation = deps.logArchiveDays > 0 ? ARCHIVED : { logKeep: LOG_KEEP };
      await run(deps, server, 'batman/write-environment', {
        inputs: {
          INSTANCE: instance.id,
          ENVIRONMENT_BASE64: base64(environmentOf(instance, release, vars)),
          INSTANCE_JSON_BASE64: base64(
            JSON.stringify({ ...instanceJson(instance, release), ...rotation, ...reports, ...own?.fields }),
          ),
        },
        lock: instanceLock(instance),
        secrets: [
          ...Object.values(vars),
          reports.hook.token,
          ...(reports.hub ? [reports.hub.token] : []),
          ...(own === null ? [] : [own.secret]),
        ],
      });
    },

    async removeEnvironment(step: StepInput): Promise<void> {
      await onInstance(step, 'batman/remove-environment', ({ id }) => ({ INSTANCE: id }));
    },

    async createContainer(step: StepInput): Promise<void> {
      const [{ instance, server }, release] = await Promise.all([
        instanceOf(deps, step),
        releaseOf(deps, step.operation),
      ]);
      const size = SIZES[instance.size];
      await run(deps, server, 'batman/create-container', {
        inputs: {
          ...place(instance),
          DIGEST: release.slug?.digest ?? '',
          IMAGE_VERSION: release.slug?.imageVersion ?? '',
          ...(release.slug?.program === undefined ? {} : { WHOLE: 'yes' }),
          PS_DOCK_SHA256: deps.assets.psDock.sha256,
          MEMORY_MB: size.memoryMb,
          CPU_SHARES: size.cpuShares,
          PIDS: size.pids,
        },
        lock: instanceLock(instance),
      });
    },

    /** Undo of createContainer, and all of what is left of an instance. */
    async removeContainer(step: StepInput): Promise<void> {
      await onInstance(step, 'batman/remove-container', nameOf);
    },

    /** Procfile's `release:` in a container of its own, before anything of the release starts. */
    async runReleaseCommand(step: StepInput): Promise<void> {
      const [instance, release] = await Promise.all([findInstance(deps, step), releaseOf(deps, step.operation)]);
      // Forgotten once it ended well.
      if (instance === null) return;
      const [server, vars] = await Promise.all([
        servers.reach(instance.serverId),
        configs.get(release.appId, release.configVersion),
      ]);
      if (instance.state !== 'ended') await runToItsEnd(instance, server, step.again === true, Object.values(vars));
      // Before its container goes: what ran well is not looked for again.
      await instances.setState(instance.id, 'ended');
      await run(deps, server, 'batman/remove-container', { inputs: nameOf(instance), lock: instanceLock(instance) });
      await forgetInstance(instance);
    },

    /** An old instance of a type that must not run twice ends before the new one starts. */
    async endProcess(step: StepInput): Promise<void> {
      await onInstance(step, 'batman/stop-process', fenced(step, 1));
    },

    async startProcess(step: StepInput): Promise<void> {
      await onInstance(step, 'batman/start-process', fenced(step, 1));
      await instances.setState(step.subject, 'starting');
    },

    async stopProcess(step: StepInput): Promise<void> {
      await onInstance(step, 'batman/stop-process', fenced(step, 2));
    },
  };

  /** Where ps-dock reports what becomes of its process and sends its lines, each with a token of this instance. */
  function reportsOf({ id }: PlacedInstance): Reports {
    const hook = { url: `${deps.publicUrl}/hooks/instances/${id}`, token: signatures.fixed(`hook:${id}`) };
    return { hook, ...(deps.hub === null ? {} : { hub: { ...deps.hub, token: signatures.fixed(`log:${id}`) } }) };
  }

  /** Throws release_command_failed, and effect_unknown when only a person can tell how it ended. */
  async function runToItsEnd(
    instance: Instance,
    server: ServerReach,
    isAgain: boolean,
    secrets: readonly string[],
  ): Promise<void> {
    const ended = await run<{ exitCode?: number; output: string }>(deps, server, 'batman/run-release-command', {
      inputs: {
        ...nameOf(instance),
        TIMEOUT_SECONDS: RELEASE_COMMAND_SECONDS,
        ...(isAgain ? { AGAIN: 'yes' } : {}),
      },
      lock: instanceLock(instance),
      timeoutSeconds: RELEASE_COMMAND_SECONDS + 30,
      secrets,
    });
    const told = { server: server.name, output: ended.output };
    if (ended.exitCode === undefined) {
      throw new DcdgetError('effect_unknown', 'The release command was cut off before its end', {
        ...told,
        hint: 'Retry runs it again from its beginning, skip goes on without.',
      });
    }
    if (ended.exitCode !== 0)
      throw new DcdgetError('release_command_failed', `The release command exited ${ended.exitCode}`, told);
  }

  /** An undo finds the instance gone when it ran before: nothing is left to do. */
  async function onInstance(step: StepInput, recipe: string, inputsOf: (instance: Instance) => Record<string, string>) {
    const instance = await findInstance(deps, step);
    if (instance === null) return;
    const server = await servers.reach(instance.serverId);
    await run(deps, server, recipe, {
      inputs: inputsOf(instance),
      lock: instanceLock(instance),
      timeoutSeconds: STOP_TIMEOUT_SECONDS,
    });
  }
}

/** The last operation on an instance wins, and of one operation the undo. */
export function fenced({ operation }: StepInput, turn: 1 | 2) {
  return ({ id }: Instance) => ({ INSTANCE: id, FENCE: `${operation.sequence} ${turn}` });
}

export function nameOf(instance: PlacedInstance): { INSTANCE: string; APP: string; PROCESS: string } {
  return { INSTANCE: instance.id, APP: instance.appName, PROCESS: processName(instance) };
}

function place(instance: PlacedInstance): Record<string, string> {
  return {
    ...nameOf(instance),
    ADDRESS: containerAddressOf(instance.slot),
    HOST_PORT: String(hostPortOf(instance.slot)),
  };
}

/** NUL-closed records: the buildpack's defaults, then the app's config, then what the platform sets. */
export function environmentOf(instance: PlacedInstance, release: Release, vars: ConfigVars): string {
  const environment = {
    ...release.slug?.configDefaults,
    ...vars,
    ...(instance.type === 'web' ? { PORT: String(CONTAINER_PORT) } : {}),
    HOME: '/app',
    DYNO: processName(instance),
    DCDGET_APP: instance.appName,
    DCDGET_RELEASE: `v${release.version}`,
    DCDGET_INSTANCE: instance.id,
  };
  return Object.entries(environment)
    .map(([key, value]) => `${key}=${value}\0`)
    .join('');
}

/** What ps-dock reads: see ps-dock/README.md. */
function instanceJson(instance: PlacedInstance, release: Release) {
  const program = release.slug?.program;
  return {
    instance: instance.id,
    instanceId: instance.id,
    app: instance.appName,
    release: release.version,
    command: release.slug?.processTypes[instance.type] ?? '',
    directory: program?.directory ?? '/app',
    ...(program === undefined || instance.type !== 'web' ? {} : { program: program.words }),
    user: APP_USER,
    logFile: `/.dcdget/log/${processName(instance)}.log`,
    logMaxBytes: LOG_MAX_BYTES,
    stateFile: '/.dcdget/state/state.json',
    environmentFile: '/.dcdget/run/environment',
    port: instance.type === 'web' ? CONTAINER_PORT : 0,
    sampleSeconds: SAMPLE_SECONDS,
    stopGraceMs: (settingsOf(release.slug?.processSettings, instance.type).stopSeconds ?? STOP_GRACE_SECONDS) * 1000,
  };
}
