import type { Stack } from '../domain/apps.ts';
import { DcdgetError } from '../domain/errors.ts';
import { ROLES } from '../domain/servers.ts';
import { CONTROL_QUEUE, stackQueue } from '../domain/workflows.ts';
import type { Dependencies } from './dependencies.ts';

const KEEP_MS = 5_000;

/** Whether a deploy has any chance: told before anything is stored, so that nothing waits for what is not there. */
export function createReadiness({ store, temporal }: Pick<Dependencies, 'store' | 'temporal'>) {
  /** Until when a queue counts as polled; a missing worker is asked for every time. */
  const polledUntil = new Map<string, number>();

  return {
    /** Throws unavailable with what an operator can do. */
    async assertCanDeploy(stack: Stack): Promise<void> {
      await assertServers();
      await assertWorkers(stack);
    },

    /** For what changes no code. Throws unavailable with what an operator can do. */
    assertWorkers,
  };

  async function assertServers(): Promise<void> {
    const ready = (await store.servers.list()).filter(({ state }) => state === 'ready');
    const missing = ROLES.filter((role) => !ready.some(({ roles }) => roles.includes(role)));
    if (missing.length === 0) return;
    throw new DcdgetError('unavailable', `There is no ready server with the role ${missing.join(', nor with ')}.`, {
      hint: 'An operator adds one with: dcdget servers:add',
    });
  }

  async function assertWorkers(stack: Stack): Promise<void> {
    for (const queue of [CONTROL_QUEUE, stackQueue(stack)]) await assertWorker(queue);
  }

  async function assertWorker(queue: string): Promise<void> {
    if ((polledUntil.get(queue) ?? 0) > Date.now()) return;
    if (!(await isPolled(queue))) {
      throw new DcdgetError('unavailable', `No worker takes work from the queue ${queue}: nothing would happen.`, {
        hint: 'An operator starts the workers.',
      });
    }
    polledUntil.set(queue, Date.now() + KEEP_MS);
  }

  async function isPolled(queue: string): Promise<boolean> {
    try {
      return await temporal.hasWorker(queue);
    } catch (cause) {
      throw new DcdgetError('unavailable', 'Temporal cannot be reached, so nothing can be changed now.', { cause });
    }
  }
}
