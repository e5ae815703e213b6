/**
 * As Promise.all of what `start` gives, but rejects only once all of it has ended; the first failure aborts the rest. So
 * none of it still reads a disk that whoever is told of the failure takes away.
 */
export async function together<T extends readonly unknown[] | []>(
  cancelled: AbortSignal,
  start: (signal: AbortSignal) => T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  const failed = new AbortController();
  const work = start(AbortSignal.any([cancelled, failed.signal]));
  try {
    return await Promise.all(work);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(work);
    throw error;
  }
}
