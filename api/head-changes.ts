import { isDeepStrictEqual } from 'node:util';
import type { Operation } from '../domain/operations.ts';
import type { Store } from '../store/store.ts';

/** What a request changed on its app goes back, unless a later request changed it again. */
export async function takeBack({ apps }: Store, { appId, kind, change }: Operation): Promise<void> {
  if (appId === null) return;
  if (change.config !== undefined) await apps.moveConfigHead(appId, change.config.to, change.config.from);
  const app = await apps.find(appId);
  if (app === null) return;
  if (change.formation !== undefined && isDeepStrictEqual(app.formation, change.formation.to)) {
    await apps.setFormation(appId, change.formation.from);
  }
  if (change.mode !== undefined && app.mode === change.mode.to) await apps.setMode(appId, change.mode.from);
  if (kind === 'destroy') await apps.setState(appId, 'active');
}
