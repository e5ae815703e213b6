import type { Role } from './servers.ts';

/** How what is on a server differs from the record. */
export type DriftKind =
  | 'instance-missing'
  | 'instance-orphan'
  | 'unit-stopped'
  | 'port-missing'
  | 'port-orphan'
  | 'route-missing'
  | 'route-wrong'
  | 'route-orphan'
  | 'app-orphan'
  | 'lease-orphan'
  | 'slug-orphan'
  | 'certificate-ending'
  | 'unknown';

/** One difference; `kind` and `subject` name it from check to check. */
export type Drift = {
  kind: DriftKind;
  /** Id of an instance, name of an app, `<digest>/<app>.<sequence>` … */
  subject: string;
  /** One sentence. */
  detail: string;
};

/** `waits`: an orphan that was found only now. `none`: only a person can tell. */
export type RepairState = 'possible' | 'waits' | 'none' | 'repaired' | 'failed';

export type FoundDrift = Drift & { since: Date; repair: RepairState; error: string | null };

/** What a check found on one server; `unreachable` says nothing of the server but that. */
export type ServerCheck = {
  serverId: string;
  serverName: string;
  roles: Role[];
  state: 'checked' | 'unreachable';
  /** Why it could not be checked, one sentence. */
  reason: string | null;
  /** Names of the apps that were left alone because an operation worked on them. */
  busy: string[];
  drifts: FoundDrift[];
  at: Date;
};

/** What starts a check. `server` null: all of them. */
export type CheckInput = { server: string | null; repair: boolean; actor: string };

/** One thing to put right, as the check found it. */
export type Repair = { serverId: string; kind: DriftKind; subject: string; actor: string };

export const CHECK_SERVERS_WORKFLOW = 'checkServers';
/** The check that people ask for: one at a time. */
export const ASKED_CHECK_ID = 'check-servers/asked';
export const CHECK_SCHEDULE_ID = 'check-servers';
/** Who acts when nobody asked. */
export const SCHEDULE_ACTOR = 'schedule';

/** What a check found, in so far as anybody has to do something. */
export type Findings = {
  repairs: Repair[];
  /** `one: slug-orphan …`, the first of them, and how many there are. */
  drifts: string[];
  count: number;
  unreachable: string[];
};

/** What a check can put right by itself. */
export function isRepairable(kind: DriftKind): boolean {
  return kind !== 'unknown' && kind !== 'instance-missing';
}

/** What nothing of the record names: it may be under way to the record, and gets a grace. */
export function isOrphan(kind: DriftKind): boolean {
  return kind.endsWith('-orphan');
}
