import { randomInt } from 'node:crypto';

const FIRST =
  'amber ancient autumn bold brave bright calm clear cool crisp deep distant early eager fair fierce frosty gentle glacial golden green hidden high icy keen light lively long lucid mellow misty morning noble pale plain proud quiet rapid rough round salty sharp shy silent silver sleepy small snowy soft spring still stormy strong summer sunny swift tall tidy vast warm wild winter wise young'.split(
    ' ',
  );
const SECOND =
  'basin bay beach birch breeze brook canyon cedar cliff cloud coast cove creek dawn delta dune dusk fern field fjord forest garden glade grove harbor haze hill island lagoon lake leaf ledge maple marsh meadow mesa moon moor moss oak ocean orchard peak pine plain pond prairie rain reef ridge river sea shadow shore sky snow spruce star stone stream summit sun thunder tide trail tree valley wave willow wind wood'.split(
    ' ',
  );

/** `frosty-meadow-48213`. */
export function madeUpAppName(): string {
  const pick = (words: readonly string[]) => words[randomInt(words.length)] ?? 'app';
  return `${pick(FIRST)}-${pick(SECOND)}-${randomInt(10_000, 100_000)}`;
}
