import type { Sentences } from './sentence.ts';

export const deskSentences: Sentences<
  'DeskOpened' | 'DeskLost' | 'DeskFound' | 'DeskNoticeQueued' | 'DeskNoticeDelayed' | 'DeskNoticeSettled'
> = {
  DeskOpened: ({ no, deskId }, tell) => `hand-over ${no} stands at desk ${tell.name(deskId)}`,
  DeskLost: ({ deskId }, tell) => `desk ${tell.name(deskId)} can not be reached`,
  DeskFound: ({ deskId }, tell) => `desk ${tell.name(deskId)} can be reached again`,
  DeskNoticeQueued: ({ deskId, handover, kind }, tell) =>
    `desk ${tell.name(deskId)} will hear that hand-over ${handover} is ${kind}`,
  DeskNoticeDelayed: ({ attempt, notBeforeAt }, tell) =>
    `the desk did not hear it; attempt ${attempt} not before ${tell.time(notBeforeAt)}`,
  DeskNoticeSettled: ({ told }) => (told ? 'the desk has heard it' : 'the desk could not be told'),
};
