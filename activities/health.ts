import { DcdgetError } from '../domain/errors.ts';
import { CONTAINER_PORT, processName, type PlacedInstance } from '../domain/instances.ts';
import type { StepInput } from '../domain/operations.ts';
import { settingsOf, type HealthCheck } from '../domain/processes.ts';
import { containerAddressOf, type ServerReach } from '../domain/servers.ts';
import { fenced } from './containers.ts';
import { findInstance, instanceOf, releaseOf } from './context.ts';
import type { ActivityDeps } from './deps.ts';
import { base64, instanceLock, run } from './recipes.ts';

/** On top of what the recipe waits for by itself. */
const GRACE_SECONDS = 15;

type Health =
  | { healthy: true; millis: number }
  | { healthy: false; reason: string; detail: string; exitCode?: number; output: string };
type Inputs = Record<string, string | number>;
type Check = { inputs: Inputs; seconds: number };

export function createHealthActivities(deps: ActivityDeps) {
  const { configs, instances, servers } = deps.store;

  return {
    /** What app.json asks for, one check after the other; else an answer over HTTP, or a process that stays up. */
    async checkHealth(step: StepInput): Promise<void> {
      const [{ instance, server }, release] = await Promise.all([
        instanceOf(deps, step),
        releaseOf(deps, step.operation),
      ]);
      const vars = await configs.get(release.appId, release.configVersion);
      const { healthchecks } = settingsOf(release.slug?.processSettings, instance.type);
      const secrets = Object.values(vars);
      for (const check of healthchecks) await assertHealthy(instance, server, declaredCheck(instance, check), secrets);
      if (healthchecks.length === 0) await assertHealthy(instance, server, defaultCheck(instance), secrets);
      await instances.setState(instance.id, 'up');
    },

    /**
     * Undo of endProcess: done when the old process stays up again. One that is gone, or a later operation's, is left;
     * one that was never stopped is as it was, however often it had to be started before.
     */
    async resumeProcess(step: StepInput): Promise<void> {
      const instance = await findInstance(deps, step);
      if (instance === null) return;
      const server = await servers.reach(instance.serverId);
      type Started = { started: boolean; wasActive?: boolean };
      const { started, wasActive = false } = await run<Started>(deps, server, 'batman/start-process', {
        inputs: fenced(step, 2)(instance),
        lock: instanceLock(instance),
      });
      if (started && !wasActive) await assertHealthy(instance, server, defaultCheck(instance), []);
    },
  };

  async function assertHealthy(
    instance: PlacedInstance,
    server: ServerReach,
    { inputs, seconds }: Check,
    secrets: readonly string[],
  ): Promise<void> {
    const health = await run<Health>(deps, server, 'batman/check-health', {
      inputs: {
        INSTANCE: instance.id,
        ADDRESS: containerAddressOf(instance.slot),
        TIMEOUT_SECONDS: deps.bootSeconds,
        ...inputs,
      },
      lock: `health-${instance.id}`,
      timeoutSeconds: deps.bootSeconds + seconds + GRACE_SECONDS,
      secrets,
    });
    if (!health.healthy) throw unhealthy(instance, server.name, health);
  }
}

function defaultCheck({ type }: PlacedInstance): Check {
  return { inputs: type === 'web' ? { PORT: CONTAINER_PORT } : {}, seconds: 0 };
}

/** A check that asks for nothing but `uptime` needs no port. */
function declaredCheck({ type }: PlacedInstance, check: HealthCheck): Check {
  const { initialDelay, attempts, timeout, wait } = check;
  const settleMs = (check.uptime ?? 0) * 1000;
  const seconds = initialDelay + settleMs / 1000 + attempts * (timeout + wait);
  const port = check.port ?? (type === 'web' ? CONTAINER_PORT : null);
  const isOnlyUptime = check.uptime !== null && check.path === null && check.port === null;
  if (isOnlyUptime || port === null) return { inputs: { SETTLE_MS: settleMs }, seconds };
  return {
    inputs: {
      PORT: port,
      PATH_TO_CHECK: check.path ?? '',
      CONTENT_BASE64: check.content === null ? '' : base64(check.content),
      SETTLE_MS: settleMs,
      DELAY_SECONDS: initialDelay,
      ATTEMPTS: attempts,
      ATTEMPT_SECONDS: timeout,
      WAIT_SECONDS: wait,
    },
    seconds,
  };
}

function unhealthy(instance: PlacedInstance, server: string, health: Extract<Health, { healthy: false }>): DcdgetError {
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
