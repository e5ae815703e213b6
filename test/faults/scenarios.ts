import { RELEASE_STEPS, stepNumber, type ReleaseStep } from '../../domain/steps.ts';
import type { Failpoint } from '../../workers/failpoints.ts';

export type Mode = Exclude<Failpoint['mode'], 'pause' | 'unknown'>;

/** One fault at one step of a deploy, and how the deploy must end. */
export type Scenario = {
  step: ReleaseStep;
  mode: Mode;
  ends: 'succeeded' | 'cancelled';
  proves: string;
};

export const MODES: readonly Mode[] = ['before', 'after-effect', 'kill', 'cancel'];

/** From here on the new release is live. */
const FIRST_LIVE = stepNumber('retireContainer');

/** The fifteen steps × four faults. */
export const SCENARIOS: readonly Scenario[] = RELEASE_STEPS.flatMap((step) =>
  MODES.map((mode) => ({
    step,
    mode,
    ends: mode === 'cancel' && stepNumber(step) < FIRST_LIVE ? ('cancelled' as const) : ('succeeded' as const),
    proves: provesAt(step, mode),
  })),
);

function provesAt(step: ReleaseStep, mode: Mode): string {
  switch (mode) {
    case 'before':
      return `a deploy whose ${step} fails before it begins tries it again and ends`;
    case 'after-effect':
      return `a deploy whose ${step} is done but not known to be does it again, to the same state`;
    case 'kill':
      return `a deploy whose worker is killed in the middle of ${step} is taken up by the next worker`;
    case 'cancel':
      return stepNumber(step) < FIRST_LIVE
        ? `a deploy that is cancelled at ${step} leaves everything as it was`
        : `a deploy that is cancelled at ${step} is live already, and ends`;
  }
}
