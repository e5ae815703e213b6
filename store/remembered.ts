/**
 * Finds a thing once for all who ask for it within `keepMs`: for what nobody changes meanwhile, or may be that old.
 * What is not worth keeping, and what failed, is asked for again at once.
 */
export function remembered<T>(
  keepMs: number,
  find: (key: string) => Promise<T>,
  isKept: (found: T) => boolean = () => true,
): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    const earlier = known.get(key);
    if (earlier !== undefined) return earlier;
    const asked = find(key);
    const forget = () => void known.delete(key);
    known.set(key, asked);
    asked.then((found) => (isKept(found) ? void setTimeout(forget, keepMs).unref() : forget()), forget);
    return asked;
  };
}
