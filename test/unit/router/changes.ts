import { editId, type InboundEvent } from '../../../src/channels/adapter.js';
import { createHarness, type Harness } from './harness.js';

let version = 0;

/** The same message with other words. */
export function edit(
  original: InboundEvent,
  text: string,
  changes: Partial<InboundEvent> = {},
): InboundEvent {
  version += 1;
  const { messageId } = original;
  return {
    ...original,
    kind: 'edited',
    messageId: editId(messageId, `${version}`),
    replyTo: messageId,
    text,
    attachments: [],
    ...changes,
  };
}

export const removal = (original: InboundEvent): InboundEvent => ({
  ...original,
  kind: 'deleted',
  messageId: `deleted:${original.messageId}`,
  replyTo: original.messageId,
  text: '',
});

/** A container of the first session works from now on. */
export const goesToWork = (h: Harness) => h.up.add(h.sessions()[0]?.id ?? '');

export function answered(h: Harness): void {
  const [session] = h.sessions();
  h.sessionManager.read(session?.id ?? '', (db) =>
    db.prepare("UPDATE messages_in SET status = 'done'").run(),
  );
}

export const seen = (h: Harness) =>
  h.rows('family').map(({ content, trigger, status }) => ({
    text: content.text,
    change: content.change?.kind ?? null,
    trigger,
    status,
  }));

export function directChat() {
  const h = createHarness();
  h.register({ platformId: 'telegram:77', isGroup: false });
  return h;
}
