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
