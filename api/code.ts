import { formationOf, type App } from '../domain/apps.ts';
import type { Slug } from '../domain/releases.ts';
import type { Store } from '../store/store.ts';

/** The newest code of an app that has not failed, compiled for a release that serves, served or is about to. */
export async function newestCode({ releases }: Store, app: App): Promise<Slug | null> {
  return (await releases.list(app.id)).find(({ slug, state }) => slug !== null && state !== 'failed')?.slug ?? null;
}

/** The process types that can be scaled: all but that of the release command. */
export function scalableTypes(slug: Slug | null): string[] {
  return Object.keys(formationOf({}, Object.keys(slug?.processTypes ?? {})));
}
