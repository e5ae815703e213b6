/** `420 ms`, `12.3 s`, `2 m 05 s`, `1 h 02 m`. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, Math.round(durationMs));
  if (ms < 1000) return `${ms} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${twoDigits(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${twoDigits(Math.floor((seconds % 3600) / 60))} m`;
}

/** Local date and time to the second. */
export function formatTime(iso: string | null): string {
  if (iso === null) return '–';
  const time = new Date(iso);
  const date = [time.getFullYear(), twoDigits(time.getMonth() + 1), twoDigits(time.getDate())].join('-');
  return `${date} ${formatClock(iso)}`;
}

/** `2 m 05 s ago`. */
export function formatAge(iso: string): string {
  return `${formatDuration(Math.max(1000, Date.now() - Date.parse(iso)))} ago`;
}

/** Local time of day to the second. */
export function formatClock(iso: string | null): string {
  if (iso === null) return '–';
  const time = new Date(iso);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits).join(':');
}

/** Between two moments, null while one of them has not come. */
export function durationBetween(start: string | null, end: string | null): number | null {
  return start === null || end === null ? null : Date.parse(end) - Date.parse(start);
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
