const HEARTBEAT_MS = 10_000;

export type Say = (line: string) => void;

/** Does the work, showing that it began, that it goes on, and how long it took. A failure is shown by whoever catches it. */
export async function step<T>(title: string, work: (say: Say) => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  let note = '';
  console.log(`… ${title}`);
  const heartbeat = setInterval(() => {
    console.log(`  ${title}: ${seconds(startedAt)}${note ? `, ${note}` : ''}`);
  }, HEARTBEAT_MS);
  try {
    const result = await work((line) => (note = line));
    console.log(`✓ ${title} (${seconds(startedAt)})`);
    return result;
  } finally {
    clearInterval(heartbeat);
  }
}

function seconds(startedAt: number): string {
  return `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
}
