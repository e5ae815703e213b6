/** Another service's way to start deploys of an app: a signed request that tells of a push. */
export type Hook = {
  id: string;
  appId: string;
  /** The repository that is fetched; https, without anything secret. */
  url: string;
  /** The branch whose pushes deploy. */
  branch: string;
  /** For whom it deploys. */
  user: { id: string; email: string };
  createdAt: Date;
  updatedAt: Date;
  /** What the last delivery came to; null before the first. */
  delivery: { at: Date; outcome: string } | null;
};

/** What a sender signs with, and what opens the repository. */
export type HookSecrets = { secret: string; credentials: { user: string; token: string } | null };

export const MAX_HOOKS = 10;
