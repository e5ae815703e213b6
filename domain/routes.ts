import type { Mode } from './apps.ts';

/** The route file of an app, as Nginx's balancer reads it; replaced whole by one rename. */
export type Route = {
  app: string;
  appId: string;
  /** Fence: a router takes a route only when (sequence, step) is higher than the recorded one. */
  sequence: number;
  step: number;
  version: number;
  hosts: string[];
  /** `paused`: requests are held for up to 30 s, then served or told 503. */
  state: Mode;
  instances: { id: string; process: string; host: string; port: number }[];
};

export function appHost(appName: string, appsDomain: string): string {
  return `${appName}.${appsDomain}`;
}
