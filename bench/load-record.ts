import { percentile } from './figures.ts';

/** How a request travels. */
export type Way = 'keep-alive GET' | 'keep-alive POST' | 'fresh' | 'slow' | 'socket';

/** A request without its whole and right answer. */
export type Loss = {
  way: Way;
  /** The error's code or, when there was an answer, what was wrong with it. */
  kind: string;
  detail: string;
  at: string;
  phase: string;
};

export type PhaseReport = {
  requests: number;
  lost: number;
  /** Of the short requests, each from the moment when it was meant to be sent. */
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** How late the generator itself sent: its own share in the latencies. */
  lagP99Ms: number;
};

export type WayReport = { requests: number; lost: number; connectionsOpened: number };

export type SocketReport = {
  opened: number;
  echoes: number;
  /** How long each lived on after the last request that its instance took, in the order of their ends. */
  heldMs: number[];
  /** Those that ended sooner than the budget, or while their instance still took requests. */
  diedEarly: string[];
};

export type LoadReport = {
  seconds: number;
  requests: number;
  lost: number;
  connectionsOpened: number;
  ways: Record<string, WayReport>;
  phases: Record<string, PhaseReport>;
  socket: SocketReport | null;
  /** Answers of an older release to requests that were sent after a newer one had answered. */
  stale: number;
  /** The first thousand. */
  losses: Loss[];
  /** Why these figures are not to be trusted; empty when they are. */
  distrust: string[];
};

export type Answered = { way: Way; phase: string; dueAt: number; sentAt: number; identity: Identity };
/** Who answered, from the probe's own headers. */
export type Identity = { instance: string; release: number };

export type LoadRecord = ReturnType<typeof createRecord>;

const MOST_LOSSES = 1000;

/** Everything that was seen; times are those of performance.now(). */
export function createRecord() {
  const startedAt = performance.now();
  const ways = new Map<Way, WayReport>();
  const phases = new Map<string, PhaseSeen>();
  const lastSeenAt = new Map<string, number>();
  const losses: Loss[] = [];
  const newest = { release: -1, seenAt: 0 };
  let phase = 'start';
  let stale = 0;

  const wayOf = (way: Way) => entry(ways, way, () => ({ requests: 0, lost: 0, connectionsOpened: 0 }));
  const phaseOf = (name: string) => entry(phases, name, () => ({ latenciesMs: [], lagsMs: [], requests: 0, lost: 0 }));

  function see({ instance, release }: Identity, sentAt: number): void {
    const now = performance.now();
    lastSeenAt.set(instance, now);
    if (release > newest.release) Object.assign(newest, { release, seenAt: now });
    else if (release < newest.release && sentAt > newest.seenAt) stale += 1;
  }

  return {
    get phase() {
      return phase;
    },
    beginPhase(name: string): void {
      phase = name;
    },
    connected(way: Way): void {
      wayOf(way).connectionsOpened += 1;
    },
    answered({ way, phase: ofPhase, dueAt, sentAt, identity }: Answered): void {
      wayOf(way).requests += 1;
      phaseOf(ofPhase).requests += 1;
      // A slow answer and a socket begin on one instance and end long after the switch.
      if (way === 'slow' || way === 'socket') return;
      phaseOf(ofPhase).latenciesMs.push(performance.now() - dueAt);
      phaseOf(ofPhase).lagsMs.push(sentAt - dueAt);
      see(identity, sentAt);
    },
    lost(way: Way, ofPhase: string, kind: string, detail: string): void {
      wayOf(way).requests += 1;
      wayOf(way).lost += 1;
      phaseOf(ofPhase).requests += 1;
      phaseOf(ofPhase).lost += 1;
      if (losses.length < MOST_LOSSES) losses.push({ way, kind, detail, at: new Date().toISOString(), phase: ofPhase });
    },
    /** When the instance last took a request; undefined when it never did. */
    lastSeenAt: (instance: string) => lastSeenAt.get(instance),
    report(socket: SocketReport | null, distrust: string[]): LoadReport {
      const all = [...ways.values()];
      return {
        seconds: Math.round((performance.now() - startedAt) / 1000),
        requests: sum(all.map(({ requests }) => requests)),
        lost: sum(all.map(({ lost }) => lost)),
        connectionsOpened: sum(all.map(({ connectionsOpened }) => connectionsOpened)),
        ways: Object.fromEntries(ways),
        phases: Object.fromEntries([...phases].map(([name, seen]) => [name, phaseReport(seen)])),
        socket,
        stale,
        losses,
        distrust,
      };
    },
    ways: ways as ReadonlyMap<Way, WayReport>,
  };
}

type PhaseSeen = { latenciesMs: number[]; lagsMs: number[]; requests: number; lost: number };

function phaseReport(seen: PhaseSeen): PhaseReport {
  return {
    requests: seen.requests,
    lost: seen.lost,
    p50Ms: rounded(percentile(seen.latenciesMs, 0.5)),
    p99Ms: rounded(percentile(seen.latenciesMs, 0.99)),
    maxMs: rounded(percentile(seen.latenciesMs, 1)),
    lagP99Ms: rounded(percentile(seen.lagsMs, 0.99)),
  };
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
