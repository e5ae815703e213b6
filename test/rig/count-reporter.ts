import type { TestEvent } from 'node:test/reporters';

export type Counts = { passed: number; failed: number };

/** A reporter of node:test that writes the run's counts, as JSON, when it is over. */
// oxlint-disable-next-line import/no-default-export -- node:test takes no other
export default async function* countReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    // Each file has a summary of its own; the one without a file is the whole run's.
    if (event.type !== 'test:summary' || event.data.file !== undefined) continue;
    const { tests, passed, skipped, todo } = event.data.counts;
    // Failed and cancelled ones alike.
    yield JSON.stringify({ passed, failed: tests - passed - skipped - todo } satisfies Counts);
  }
}
