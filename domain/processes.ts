/** What app.json says about the processes of one type; a type without any has the defaults. */
export type ProcessSettings = {
  /** What must hold before it serves, one after the other; empty: the default check. */
  healthchecks: HealthCheck[];
  /** How long open connections of the old may last, in seconds; null: the platform's default. */
  drainSeconds: number | null;
  /** How long it has from SIGTERM to SIGKILL, in seconds; null: the platform's default. */
  stopSeconds: number | null;
  /** Whether the old process ends before the new one starts, or after it is healthy. */
  rotation: 'start-first' | 'stop-first';
};

/** A startup check in the form that Dokku uses; times are in seconds. */
export type HealthCheck = {
  name: string;
  /** What is asked for over HTTP; null: the port bound, or `uptime`, is enough. */
  path: string | null;
  /** The port that is asked; null: $PORT. */
  port: number | null;
  /** What the answer must contain; null: anything. */
  content: string | null;
  /** How long the process must have stayed up; null: it is not asked. */
  uptime: number | null;
  /** How long one attempt may take. */
  timeout: number;
  attempts: number;
  /** The pause between two attempts. */
  wait: number;
  /** The pause before the first attempt. */
  initialDelay: number;
};

/** What a process may have at most from SIGTERM to SIGKILL: its unit is killed a little later. */
export const MAX_STOP_SECONDS = 120;

export const DEFAULT_PROCESS_SETTINGS: ProcessSettings = {
  healthchecks: [],
  drainSeconds: null,
  stopSeconds: null,
  rotation: 'start-first',
};

/** Process type → its settings; none for a type that app.json does not name. */
export type ProcessSettingsByType = Record<string, ProcessSettings>;

export function settingsOf(all: ProcessSettingsByType | undefined, type: string): ProcessSettings {
  return all !== undefined && Object.hasOwn(all, type)
    ? (all[type] ?? DEFAULT_PROCESS_SETTINGS)
    : DEFAULT_PROCESS_SETTINGS;
}
