/** What is said in chats about deliveries. Never raw text of a platform. */
export const words = {
  unknown: 'My last message may not have arrived. Send /again and I will send it once more.',
  dead: 'I could not deliver a message here. Send /again and I will try once more.',
  refused: 'I wrote a reply that could not be sent. Ask me again, please.',
  unreadable: 'Something is wrong with the files of this conversation, so I was stopped. I will try again.',
  fileLeftOut: (name: string) => `I could not attach the file "${name}".`,
};

/** What the agent is told about its message number `seq`. */
export const news = {
  dead: (seq: number, reason: string) =>
    `Your message ${seq} could not be delivered: ${reason} The chat was told so; the person can ask for it with /again.`,
  deadReaction: (seq: number, reason: string) => `Your reaction ${seq} could not be made: ${reason}`,
  unknown: (seq: number) =>
    `Your message ${seq} may or may not have arrived. It is not sent again by itself; the person can ask for it with /again.`,
  refused: (seq: number, reason: string) => `Your message ${seq} was not sent: ${reason}`,
  fileLeftOut: (seq: number, name: string, reason: string) =>
    `The file ${JSON.stringify(name)} of your message ${seq} was left out: ${reason}`,
};
