import type { StoredConversation } from '../../audit/stored.ts';
import type { StoryLine } from '../../audit/story/story.ts';
import { oneLine, styled, type Io } from '../io.ts';

export function printStory(io: Io, { id, card }: StoredConversation, story: StoryLine[]): void {
  const contact = card.erased ? 'erased' : (card.contactName ?? 'without a name');
  io.out(styled(io, 'bold', `Conversation ${id.conversationId} of account ${id.accountId}`));
  io.out(oneLine(`Channel ${card.channelName} (${card.channelType}), contact ${card.contactId} (${contact})`));
  io.out('');
  const width = Math.max(...story.map((line) => oneLine(baton(line)).length), 0);
  for (const line of story) io.out(lineOf(io, line, width));
  if (story.length === 0) io.out('Nothing has been decided yet.');
  io.out('');
}

function lineOf(io: Io, line: StoryLine, width: number): string {
  const no = String(line.no).padStart(4);
  const time = line.at.replace('T', ' ').replace('Z', '');
  const what = oneLine(`${who(line)}: ${line.what}`);
  const why = oneLine(`(${line.why.cause}; policy ${line.why.policy})`);
  return `${no}  ${styled(io, 'dim', time)}  ${oneLine(baton(line)).padEnd(width)}  ${what}  ${styled(io, 'dim', why)}`;
}

/** State, holder and epoch after the event. */
function baton({ after }: StoryLine): string {
  return after === null ? '?' : `${after.state} | ${after.holder} | ${after.epoch}`;
}

function who({ who: { kind, name } }: StoryLine): string {
  return name === null ? kind : `${kind} ${name}`;
}
