import type { PlacedInstance } from '../domain/instances.ts';
import { MAX_STOP_SECONDS } from '../domain/processes.ts';
import type { ServerReach } from '../domain/servers.ts';
import type { ActivityDeps } from './deps.ts';

/** Minutes that a token for one script or one asset is good for. */
export const TOKEN_VALID_MS = 15 * 60_000;

/** For a recipe that waits until a process has stopped. */
export const STOP_TIMEOUT_SECONDS = MAX_STOP_SECONDS + 60;

type Call = {
  inputs: Record<string, string | number>;
  lock: string;
  timeoutSeconds?: number;
  secrets?: Iterable<string>;
  isLater?: boolean;
};

/** Every recipe of the activities goes through here: numbers become text, the deadline has a default. */
export function run<Result extends object>(
  deps: ActivityDeps,
  server: ServerReach,
  recipe: string,
  call: Call,
): Promise<Result> {
  const inputs = Object.fromEntries(Object.entries(call.inputs).map(([name, value]) => [name, String(value)]));
  return deps.runRecipe<Result>(
    {
      server,
      recipe,
      inputs,
      lock: call.lock,
      timeoutSeconds: call.timeoutSeconds ?? 60,
      ...(call.secrets === undefined ? {} : { secrets: call.secrets }),
      ...(call.isLater === undefined ? {} : { isLater: call.isLater }),
    },
    deps.signal(),
  );
}

/** One recipe at a time works on an instance. */
export function instanceLock(instance: PlacedInstance): string {
  return `instance-${instance.id}`;
}

export function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
