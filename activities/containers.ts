import { SIZES } from '../domain/apps.ts';
import { DcdgetError } from '../domain/errors.ts';
import { CONTAINER_PORT, processName, type Instance } from '../domain/instances.ts';
import type { StepInput } from '../domain/operations.ts';
import type { Release } from '../domain/releases.ts';
import { containerAddressOf, hostPortOf } from '../domain/servers.ts';
import type { ConfigVars } from '../store/configs.ts';
import { findInstance, instanceOf, releaseOf } from './context.ts';
import type { ActivityDeps } from './deps.ts';
import { createPlacementActivities } from './placements.ts';
import { base64, instanceLock, run } from './recipes.ts';

const STOP_GRACE_MS = 10_000;
const LOG_MAX_BYTES = 10 * 1024 * 1024;
const LOG_KEEP = 5;
const APP_USER = { uid: 1000, gid: 1000 };
const RELEASE_COMMAND_SECONDS = 600;

export function createContainerActivities(deps: ActivityDeps) {
  const { configs, instances, servers } = deps.store;
  const { forgetInstance } = createPlacementActivities(deps);

  return {
    /** Environment and command of one instance: files that only the container's root reads. */
    async writeEnvironment(step: StepInput): Promise<void> {
      const [{ instance, server }, release] = await Promise.all([
        instanceOf(deps, step),
        releaseOf(deps, step.operation),
      ]);
      const vars = await configs.get(release.appId, release.configVersion);
      await run(deps, server, 'batman/write-environment', {
        inputs: {
          INSTANCE: instance.id,
          ENVIRONMENT_BASE64: base64(environmentOf(instance, release, vars)),
          INSTANCE_JSON_BASE64: base64(JSON.stringify(instanceJson(instance, release))),
        },
        lock: instanceLock(instance),
        secrets: Object.values(vars),
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
      await onInstance(step, 'batman/remove-container', name);
    },

    /** Procfile's `release:` in a container of its own, before anything of the release starts. */
    async runReleaseCommand(step: StepInput): Promise<void> {
      const [{ instance, server }, release] = await Promise.all([
        instanceOf(deps, step),
        releaseOf(deps, step.operation),
      ]);
      const vars = await configs.get(release.appId, release.configVersion);
      const { exitCode, output } = await run<{ exitCode: number; output: string }>(
        deps,
        server,
        'batman/run-release-command',
        {
          inputs: { ...name(instance), TIMEOUT_SECONDS: RELEASE_COMMAND_SECONDS },
          lock: instanceLock(instance),
          timeoutSeconds: RELEASE_COMMAND_SECONDS + 30,
          secrets: Object.values(vars),
        },
      );
      await run(deps, server, 'batman/remove-container', { inputs: name(instance), lock: instanceLock(instance) });
      await forgetInstance(instance);
      if (exitCode === 0) return;
      throw new DcdgetError('release_command_failed', `The release command exited ${exitCode}`, {
        server: server.name,
        output,
      });
    },

    async startProcess(step: StepInput): Promise<void> {
      await onInstance(step, 'batman/start-process', ({ id }) => ({ INSTANCE: id }));
      await instances.setState(step.subject, 'starting');
    },

    async stopProcess(step: StepInput): Promise<void> {
      await onInstance(step, 'batman/stop-process', ({ id }) => ({ INSTANCE: id }));
    },

    /** Port bound and an answer over HTTP; without a port, still running after a moment. */
    async checkHealth(step: StepInput): Promise<void> {
      const [{ instance, server }, release] = await Promise.all([
        instanceOf(deps, step),
        releaseOf(deps, step.operation),
      ]);
      const vars = await configs.get(release.appId, release.configVersion);
      const health = await run<Health>(deps, server, 'batman/check-health', {
        inputs: {
          INSTANCE: instance.id,
          ADDRESS: containerAddressOf(instance.slot),
          PORT: instance.type === 'web' ? CONTAINER_PORT : '',
          PATH_TO_CHECK: '/',
          TIMEOUT_SECONDS: deps.bootSeconds,
        },
        lock: `health-${instance.id}`,
        timeoutSeconds: deps.bootSeconds + 15,
        secrets: Object.values(vars),
      });
      if (!health.healthy) throw unhealthy(instance, server.name, health);
      await instances.setState(instance.id, 'up');
    },

    /** Drained, stopped and removed; the record and the place go with it. */
    async retireContainer(step: StepInput): Promise<void> {
      const instance = await findInstance(deps, step);
      if (instance === null) return;
      const server = await servers.get(instance.serverId);
      await instances.setState(instance.id, 'retiring');
      await run(deps, server, 'batman/retire-container', {
        inputs: {
          INSTANCE: instance.id,
          APP: instance.appName,
          PROCESS: processName(instance),
          HOST_PORT: hostPortOf(instance.slot),
          ADDRESS: containerAddressOf(instance.slot),
          DRAIN_SECONDS: deps.drainSeconds,
        },
        lock: instanceLock(instance),
        timeoutSeconds: deps.drainSeconds + STOP_GRACE_MS / 1000 + 30,
      });
      await forgetInstance(instance);
    },
  };

  /** An undo finds the instance gone when it ran before: nothing is left to do. */
  async function onInstance(step: StepInput, recipe: string, inputsOf: (instance: Instance) => Record<string, string>) {
    const instance = await findInstance(deps, step);
    if (instance === null) return;
    const server = await servers.get(instance.serverId);
    await run(deps, server, recipe, { inputs: inputsOf(instance), lock: instanceLock(instance) });
  }
}

type Health =
  | { healthy: true; millis: number }
  | { healthy: false; reason: string; detail: string; exitCode?: number; output: string };

function unhealthy(instance: Instance, server: string, health: Extract<Health, { healthy: false }>): DcdgetError {
  const code = health.reason === 'crashed' ? 'app_crashed' : 'health_check_failed';
  return new DcdgetError(code, `${processName(instance)} ${sentenceOf(health)}`, {
    server,
    output: health.output,
  });
}

/** The recipe says what it saw; an exit code is worth a sentence of its own. */
function sentenceOf({ reason, detail, exitCode }: Extract<Health, { healthy: false }>): string {
  if (reason === 'crashed') return `crashed at boot with exit code ${exitCode ?? 'unknown'}`;
  return `is not healthy (${reason}): ${detail}`;
}

function name(instance: Instance): { INSTANCE: string; APP: string; PROCESS: string } {
  return { INSTANCE: instance.id, APP: instance.appName, PROCESS: processName(instance) };
}

function place(instance: Instance): Record<string, string> {
  return {
    ...name(instance),
    ADDRESS: containerAddressOf(instance.slot),
    HOST_PORT: String(hostPortOf(instance.slot)),
  };
}

/** NUL-closed records: the buildpack's defaults, then the app's config, then what the platform sets. */
export function environmentOf(instance: Instance, release: Release, vars: ConfigVars): string {
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
function instanceJson(instance: Instance, release: Release) {
  return {
    instance: instance.id,
    app: instance.appName,
    release: release.version,
    command: release.slug?.processTypes[instance.type] ?? '',
    directory: '/app',
    user: APP_USER,
    logFile: `/.dcdget/log/${processName(instance)}.log`,
    logMaxBytes: LOG_MAX_BYTES,
    logKeep: LOG_KEEP,
    stateFile: '/.dcdget/state/state.json',
    environmentFile: '/.dcdget/run/environment',
    port: instance.type === 'web' ? CONTAINER_PORT : 0,
    stopGraceMs: STOP_GRACE_MS,
  };
}
