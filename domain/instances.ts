import type { SizeName } from './apps.ts';

/** `ended` is a release command that did its work. */
/** What an instance is from its placement to its end. */
export type PlacedInstance = Omit<Instance, 'state' | 'retireBy' | 'updatedAt'>;

export type InstanceState = 'reserved' | 'starting' | 'up' | 'crashed' | 'retiring' | 'ended';

/** One running process of a release on one server. */
export type Instance = {
  /** `<app>.<type>.<number>.v<version>.<sequence>`: names everything of it on its server. */
  id: string;
  /** Stable public id (Heroku's clients want a UUID). */
  uuid: string;
  appId: string;
  appName: string;
  version: number;
  /** The operation that made it. */
  sequence: number;
  size: SizeName;
  type: string;
  number: number;
  serverId: string;
  serverName: string;
  slot: number;
  state: InstanceState;
  /** While it retires: when its open connections are cut. */
  retireBy?: Date;
  /** Of a one-off session, which no operation on the formation touches. */
  sessionId?: string;
  createdAt: Date;
  updatedAt: Date;
};

export const CONTAINER_PORT = 5000;

export function instanceId(app: string, type: string, number: number, version: number, sequence: number): string {
  return `${app}.${type}.${number}.v${version}.${sequence}`;
}

/** Whether `web`, `web.1` or everything (null) means this instance. */
export function isInScope(instance: { type: string; number: number }, scope: string | null): boolean {
  return scope === null || scope === instance.type || scope === processName(instance);
}

/** `web.1`: the instance's name among those of its release. */
export function processName(instance: { type: string; number: number }): string {
  return `${instance.type}.${instance.number}`;
}
