import { createBuildActivities } from './builds.ts';
import { createCheckActivities } from './checks.ts';
import { createContainerActivities } from './containers.ts';
import type { ActivityDeps } from './deps.ts';
import { createDestroyActivities } from './destroy.ts';
import { createHealthActivities } from './health.ts';
import { createLogArchiveActivities } from './log-archive.ts';
import { createOperationActivities } from './operations.ts';
import { createPlacementActivities } from './placements.ts';
import { createReleaseActivities } from './releases.ts';
import { createRetirementActivities } from './retirement.ts';
import { createRouteActivities } from './routes.ts';
import { createServerActivities } from './servers.ts';
import { createSessionActivities } from './sessions.ts';
import { createSlugActivities } from './slugs.ts';

/** Everything a stack's queue runs; workflows see it as types only. */
export function createActivities(deps: ActivityDeps) {
  const { forgetInstance, reservePlaces, ...placements } = createPlacementActivities(deps);
  const { beginRetiring, ...retirement } = createRetirementActivities(deps);
  return {
    ...createReleaseActivities(deps),
    ...createBuildActivities(deps),
    ...placements,
    ...createSlugActivities(deps),
    ...createContainerActivities(deps),
    ...createHealthActivities(deps),
    ...retirement,
    ...createRouteActivities(deps),
    ...createDestroyActivities(deps),
    ...createOperationActivities(deps),
    ...createServerActivities(deps),
    ...createCheckActivities(deps),
    ...createSessionActivities(deps),
    ...createLogArchiveActivities(deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;
