export type Turns = ReturnType<typeof createTurns>;

/** One change at a time for each key: numbers are drawn and handed on in the order of the changes. */
export function createTurns() {
  const last = new Map<string, Promise<unknown>>();

  return {
    async inTurn<T>(key: string, act: () => Promise<T>): Promise<T> {
      const turn = (last.get(key) ?? Promise.resolve()).then(act, act);
      last.set(key, turn);
      try {
        return await turn;
      } finally {
        if (last.get(key) === turn) last.delete(key);
      }
    },
  };
}
