/** The route file of an app, as Nginx's balancer reads it; replaced whole by one rename. */
export type Route = {
  app: string;
  appId: string;
  /** Fence: a router takes a route only when (sequence, step) is higher than the recorded one. */
  sequence: number;
  step: number;
  version: number;
  hosts: string[];
  state: 'serving' | 'maintenance';
  instances: { id: string; process: string; host: string; port: number }[];
};

export function appHost(appName: string, appsDomain: string): string {
  return `${appName}.${appsDomain}`;
}
