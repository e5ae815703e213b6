/** What the session has not had yet; when a connection breaks it goes on where the other side has received. */
export type Outbox = {
  add(piece: Buffer): void;
  /** The other side has so many bytes. */
  acknowledge(received: number): void;
  /** What a new connection must be sent, of which the other side has so many bytes. */
  resume(received: number): Buffer[];
  forget(): void;
  heldBytes(): number;
};

export function createOutbox(): Outbox {
  let pieces: Buffer[] = [];
  let startsAt = 0;
  let held = 0;
  let isBegun = false;

  return {
    add(piece) {
      pieces.push(piece);
      held += piece.length;
    },
    acknowledge,
    resume(received) {
      // Another command line may have begun the session: what was said here comes after it.
      if (!isBegun) startsAt = received;
      isBegun = true;
      acknowledge(received);
      return pieces;
    },
    forget() {
      startsAt += held;
      held = 0;
      pieces = [];
    },
    heldBytes: () => held,
  };

  function acknowledge(received: number): void {
    let gone = 0;
    for (const piece of pieces) {
      if (startsAt + piece.length > received) break;
      startsAt += piece.length;
      held -= piece.length;
      gone += 1;
    }
    pieces = pieces.slice(gone);
  }
}
