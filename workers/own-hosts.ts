import type { Settings } from '../config/settings.ts';
import type { Store } from '../store/store.ts';

/** Host names and addresses of the platform: nobody deploys what it answers, and no log goes there. */
export async function ownHosts({ api }: Pick<Settings, 'api'>, { servers }: Pick<Store, 'servers'>): Promise<string[]> {
  return [new URL(api.publicUrl).hostname, ...(await servers.list()).map(({ host }) => host)];
}
