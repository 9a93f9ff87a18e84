/** Words, buttons and files, as all of Baton speaks of them. */

/** Content of a message, in or out. What a channel can't show is degraded by `render`, never dropped in silence. */
export interface Content {
  text?: string;
  /** How `text` is written; without it, plain: then nothing in it is taken for markup. */
  markup?: 'markdown';
  /** Quick replies; a channel without buttons gets numbered text. */
  buttons?: { title: string; payload: string }[];
  attachments?: Attachment[];
  /** Inbound: of the button that was pressed; `text` is its title. */
  payload?: string;
}

export type MediaKind = 'image' | 'video' | 'audio' | 'file';

export interface Attachment {
  kind: MediaKind;
  url: string;
  name?: string;
  mime?: string;
  bytes?: number;
}
