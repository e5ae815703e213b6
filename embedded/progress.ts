const HEARTBEAT_MS = 10_000;
const NOTE_MS = 3000;

export type Say = (line: string) => void;

/**
 * Does the work, showing that it began, what it says, that it goes on, and how long it took.
 * A failure is shown by whoever catches it.
 */
export async function step<T>(title: string, work: (say: Say) => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  let note = '';
  let shownAt = 0;
  const show = () => {
    shownAt = Date.now();
    console.log(`  ${title}: ${seconds(startedAt)}${note ? `, ${note}` : ''}`);
  };
  const say: Say = (line) => {
    note = line.trim().slice(0, 160);
    if (note && Date.now() - shownAt > NOTE_MS) show();
  };
  console.log(`… ${title}`);
  const heartbeat = setInterval(show, HEARTBEAT_MS);
  try {
    const result = await work(say);
    console.log(`✓ ${title} (${seconds(startedAt)})`);
    return result;
  } finally {
    clearInterval(heartbeat);
  }
}

function seconds(startedAt: number): string {
  return `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
}
