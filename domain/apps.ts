export type Stack = 'batman';

/** Process type → how many instances of which size. */
export type Formation = Record<string, { quantity: number; size: SizeName }>;

export type Mode = 'serving' | 'maintenance' | 'paused';

export type App = {
  id: string;
  name: string;
  owner: { id: string; email: string };
  stack: Stack;
  state: 'active' | 'destroying';
  /** What visitors get: the app, a maintenance page, or held requests. */
  mode: Mode;
  /** Number of the newest config snapshot; what the next release freezes. */
  configVersion: number;
  /** Wishes of `ps:scale`; types that are absent get their default (web: 1, others: 0). */
  formation: Formation;
  /** Of the next build, in order, as domain/buildpacks.ts writes them; absent or empty: detected. */
  buildpacks?: string[];
  /** Names of the config vars that builds are given; absent: none. */
  buildVars?: string[];
  /** The release that Nginx serves. */
  currentVersion: number | null;
  createdAt: Date;
  updatedAt: Date;
  releasedAt: Date | null;
};

export type SizeName = 'small' | 'medium' | 'large';
export type Size = { memoryMb: number; cpuShares: number; pids: number };

export const SIZES: Readonly<Record<SizeName, Size>> = {
  small: { memoryMb: 512, cpuShares: 256, pids: 256 },
  medium: { memoryMb: 1024, cpuShares: 512, pids: 512 },
  large: { memoryMb: 2560, cpuShares: 1024, pids: 1024 },
};
export const DEFAULT_SIZE: SizeName = 'small';

/** The quantity and size with which a process type runs: what was asked for, or web: 1 and others: 0. */
export function formationOf(wishes: Formation, processTypes: readonly string[]): Formation {
  return Object.fromEntries(
    processTypes
      .filter((type) => type !== 'release')
      .map((type) => [type, own(wishes, type) ?? { quantity: type === 'web' ? 1 : 0, size: DEFAULT_SIZE }]),
  );
}

/** A process type may be called `constructor`. */
function own(formation: Formation, type: string): Formation[string] | undefined {
  return Object.hasOwn(formation, type) ? formation[type] : undefined;
}
