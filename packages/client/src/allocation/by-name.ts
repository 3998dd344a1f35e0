import type { AllocationStrategy } from './allocation-strategy.ts';
import { averagely } from './averagely.ts';
import { averagelyByCircle } from './averagely-by-circle.ts';
import { consistentHash } from './consistent-hash.ts';

/** The strategies that need no further arguments and can be named in the options. */
export type AllocationName = 'averagely' | 'averagely-by-circle' | 'consistent-hash';

/** The strategy of a name. */
export function allocationByName(name: AllocationName): AllocationStrategy {
  switch (name) {
    case 'averagely':
      return averagely;
    case 'averagely-by-circle':
      return averagelyByCircle;
    case 'consistent-hash':
      return consistentHash();
  }
}
