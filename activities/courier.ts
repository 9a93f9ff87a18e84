/** What an actor asks of the courier, through its mailbox row. */
import type { Pool } from '../store/connection.ts';
import { holdMailbox, releaseMailbox, setCursorBack } from '../store/mailboxes.ts';
import type { CourierActivities } from './contract.ts';

type Asked = Pick<CourierActivities, 'askAgain' | 'holdCourier' | 'releaseCourier'>;

export function createCourierActivities({ pool, clock }: { pool: Pool; clock: () => number }): Asked {
  return {
    askAgain: (actor, seq) => setCursorBack(pool, actor, seq, clock()),
    holdCourier: (actor) => holdMailbox(pool, actor, clock()),
    releaseCourier: async (actor, { isHeld }) => {
      if (isHeld) await releaseMailbox(pool, actor);
    },
  };
}
