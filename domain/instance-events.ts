import type { Instance } from './instances.ts';

/** What ps-dock says of the process it runs. */
export const REPORTED_STATES = ['starting', 'up', 'exited', 'crashed'] as const;
export type ReportedState = (typeof REPORTED_STATES)[number];

/** What a process takes, at one moment. */
export type Sample = { memoryBytes: number; cpuSeconds: number; pids: number };

/** One report of ps-dock: the `n`th, from 1, since this run of the process began. */
export type InstanceEvent = {
  instanceId: string;
  run: string;
  n: number;
  state: ReportedState;
  /** By the clock of its server. */
  at: Date;
  exitCode: number | null;
  signal: string | null;
  reason: string | null;
  /** Whether the kernel ended it for want of memory. */
  oom: boolean;
  boundPort: number | null;
  sample: Sample | null;
};

/** An event as it is kept: with what it was an event of. */
export type KeptEvent = InstanceEvent & { appId: string; process: string; version: number; receivedAt: Date };

/** The newest word on an instance. */
export type InstanceStatus = Pick<InstanceEvent, 'instanceId' | 'run' | 'n' | 'state' | 'at' | 'sample' | 'oom'> & {
  appId: string;
};

export const MAX_EVENTS_OF_INSTANCE = 200;
export const MAX_EVENTS_OF_APP = 2000;

/** Within one run the number decides, between two runs the clock of their server. */
export function isNewer(event: Pick<InstanceEvent, 'run' | 'n' | 'at'>, than: InstanceStatus | null): boolean {
  if (than === null) return true;
  return event.run === than.run ? event.n > than.n : event.at > than.at;
}

/** A report that brings a new sample and no other news. */
export function isOnlySample(event: InstanceEvent, status: InstanceStatus | null): boolean {
  return event.sample !== null && event.run === status?.run && event.state === status.state;
}

/** Codes in the manner of Heroku's; docs/apps.md tells what each means. */
export type ProblemCode = 'H10' | 'R10' | 'R14' | 'R15';
export type Problem = { code: ProblemCode; message: string };

const LOOP_CRASHES = 3;
const LOOP_WITHIN_MS = 10 * 60_000;
const FULL_MEMORY = 0.95;

/** What is wrong at each event, oldest first; null where nothing is. */
export function problemsOf(events: readonly KeptEvent[], bootSeconds: number, now = new Date()): (Problem | null)[] {
  return events.map((event, index) => {
    if (event.state === 'crashed') return crashProblem(event, events.slice(0, index));
    return event.state === 'starting' ? bootProblem(event, events.slice(index + 1), bootSeconds, now) : null;
  });
}

function crashProblem(event: KeptEvent, earlier: readonly KeptEvent[]): Problem {
  if (event.oom) return { code: 'R15', message: 'Memory quota vastly exceeded: the process was killed' };
  const since = event.at.getTime() - LOOP_WITHIN_MS;
  const crashes = earlier.filter(
    ({ instanceId, state, at }) => instanceId === event.instanceId && state === 'crashed' && at.getTime() >= since,
  );
  const count = crashes.length + 1;
  if (count < LOOP_CRASHES) return { code: 'H10', message: 'App crashed' };
  return { code: 'H10', message: `App crashed: crash loop, ${count} times within ten minutes` };
}

function bootProblem(event: KeptEvent, later: readonly KeptEvent[], bootSeconds: number, now: Date): Problem | null {
  const next = later.find(({ instanceId }) => instanceId === event.instanceId);
  const tookMs = (next?.at ?? now).getTime() - event.at.getTime();
  return tookMs > bootSeconds * 1000 ? bootTimeout(bootSeconds) : null;
}

function bootTimeout(bootSeconds: number): Problem {
  return { code: 'R10', message: `Boot timeout: not up within ${bootSeconds} seconds` };
}

/** What is wrong with an instance now. `memoryMb` is what its size allows. */
export function presentProblem(
  status: InstanceStatus,
  memoryMb: number,
  bootSeconds: number,
  now = new Date(),
): Problem | null {
  if (status.state === 'crashed' && status.oom)
    return { code: 'R15', message: 'Memory quota vastly exceeded: the process was killed' };
  if (status.state === 'crashed') return { code: 'H10', message: 'App crashed' };
  if (status.state === 'starting' && now.getTime() - status.at.getTime() > bootSeconds * 1000)
    return bootTimeout(bootSeconds);
  const bytes = status.sample?.memoryBytes ?? 0;
  if (status.state === 'up' && bytes >= memoryMb * 1024 * 1024 * FULL_MEMORY)
    return { code: 'R14', message: `Memory quota exceeded: ${Math.round(bytes / 1024 / 1024)} of ${memoryMb} MB` };
  return null;
}

/** What people are shown: the record's word until the instance was healthy, then what it says of itself. */
export function shownState(instance: Instance, status: InstanceStatus | null): Instance['state'] {
  if (status === null || !['starting', 'up', 'crashed'].includes(instance.state)) return instance.state;
  if (status.state === 'exited' || status.state === 'crashed') return 'crashed';
  return instance.state === 'starting' ? 'starting' : status.state;
}
