import type { Sentences } from './sentence.ts';

export const deskSentences: Sentences<
  'DeskOpened' | 'DeskLost' | 'DeskFound' | 'DeskNoticeQueued' | 'DeskNoticeDelayed' | 'DeskNoticeSettled'
> = {
  DeskOpened: ({ no, deskId }, tell) => `hand-over ${no} is laid before desk ${tell.name(deskId)}`,
  DeskLost: ({ deskId }, tell) => `desk ${tell.name(deskId)} is out of reach`,
  DeskFound: ({ deskId }, tell) => `desk ${tell.name(deskId)} is within reach again`,
  DeskNoticeQueued: ({ deskId, handover, kind }, tell) =>
    `desk ${tell.name(deskId)} is to be told that hand-over ${handover} is ${kind}`,
  DeskNoticeDelayed: ({ attempt, notBeforeAt }, tell) =>
    `the desk could not be told; attempt ${attempt} not before ${tell.time(notBeforeAt)}`,
  DeskNoticeSettled: ({ told }) => (told ? 'the desk is told' : 'the desk could not be told, and will not be'),
};
