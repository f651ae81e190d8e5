/**
 * Every sentence that the host says in a chat, by id: `sentences.delivery.dead()` is `delivery.dead`. For somebody who
 * knows their chat app and no log: what happened, and what they can do. No ids, no commands of the host, no text of a
 * platform; only the terminal, which nobody but the operator can open, gets causes and commands (`fixFor`). What an
 * agent is told is in `src/delivery/news.ts` and `src/asks/words.ts`.
 */
const texts = {
  /** What became of a reply. */
  delivery: {
    unknown: () => "My last message may not have arrived. Send /again and I'll send it once more.",
    dead: () => "I couldn't deliver a message here. Send /again and I'll try once more.",
    refused: () => "I wrote a reply that couldn't be sent. Please ask me again.",
    unreadable: () => "Something is wrong with this conversation's files, so I had to stop. I'll try again.",
    fileLeftOut: ({ name }: { name: string }) => `I couldn't attach the file "${name}".`,
    deadElsewhere: ({ chat }: Chat) =>
      `I couldn't deliver a message in ${chat}. Someone there can send /again and I'll try once more.`,
    unknownElsewhere: ({ chat }: Chat) =>
      `A message of mine may not have arrived in ${chat}. Someone there can send /again and I'll send it once more.`,
  },
  /** A message that was given up. */
  givenUp: {
    outOfMemory: () =>
      "I ran out of memory each time I worked on your last message, so I've given up on it. A smaller task may work. " +
      'The person who runs me can also give me more memory.',
    stopped: () =>
      "I stopped unexpectedly each time I worked on your last message, so I've given up on it. You can send it again.",
    unreadable: ({ isGroup, at }: { isGroup: boolean; at: string | null }) =>
      `I couldn't read ${isGroup ? 'a message here' : 'one of your messages'}${at === null ? '' : ` (sent at ${at})`}. ` +
      "I've put it aside, and the person who runs me can look at it.",
  },
  /** A message that has to wait. */
  waits: {
    terminal: ({ cause, fix }: { cause: string; fix: string }) =>
      `I can't answer yet: ${cause} ${fix} ${KEPT}`,
    busy: () => `I'm busy with other chats right now. ${KEPT}`,
    stopping: () => `I keep stopping before I can answer. I'll try again by myself. ${KEPT}`,
    filesFull: () => `My files take more space than I'm allowed, so I had to stop. ${CALL} ${KEPT}`,
    diskFull: () => `I can't answer yet: the computer I run on is out of disk space. ${CALL} ${KEPT}`,
    noModel: () => `I can't answer yet: my access to the AI model doesn't work. ${CALL} ${KEPT}`,
    other: () => `I can't answer yet: something I need isn't working. ${CALL} ${KEPT}`,
  },
  /** A message that cannot be taken in. */
  intake: {
    diskFull: () =>
      "I can't take messages right now: the computer I run on is out of disk space. Send it again later if you get no answer.",
    notWritable: () =>
      "I can't take messages right now: I'm unable to save them. Send it again later if you get no answer.",
    corrupt: ({ fix }: Fix) => `I can't read this conversation's files any more. ${fix}`,
    stuck: ({ name, fix }: Fix & { name: string }) =>
      `${name} can't take messages right now. ${fix} Until then I'll keep the newest 20 messages of this chat for a day. ` +
      'Everyone else here can carry on.',
    notDone: ({ fix }: Fix) => `I couldn't do that. ${fix} Then send it again.`,
    badWiring: ({ fix }: Fix) => `Part of my setup for this chat can't be used. ${fix}`,
  },
  /** People and chats that are not let in. */
  people: {
    notConnected: () => "I'm not connected to this chat yet. If you have a pairing code, send it here.",
    notLetIn: () => 'I only talk to people who have been added. The person who runs me can add you.',
    notLetInPair: () =>
      'I only talk to people who have been added. If you have a pairing code, send it here.',
    paired: ({ name }: { name: string }) => `Paired: ${name} answers in this chat from now on.`,
    pairingFailed: ({ fix }: Fix) => `The code is right, but I couldn't connect this chat. ${fix}`,
    wrongCode: () => "This code isn't valid, or isn't valid any more.",
  },
  /** Questions of agents and approvals. */
  asks: {
    expired: () => 'That question has expired. Write to me if it still matters.',
    answered: () => 'That question was answered already.',
    answeredWith: ({ outcome }: { outcome: string }) => `That question was answered already: ${outcome}.`,
    forOwner: () => 'Only the owner can answer that question.',
    forAdmins: () => 'Only the owner or an admin can answer that question.',
    forAdded: () => 'Only people who have been added can answer that question.',
    forAsked: () => 'Only the person I asked can answer that question.',
    approvalNotYours: () => 'Only the owner or an admin can decide that.',
    approvalUnknown: () => 'There is no such request waiting. It may be settled already.',
    /** `bytes`: what will be sent, in a frame that it cannot leave. */
    approvalDetails: ({ agent, bytes, isCut }: Approval & { bytes: string; isCut: boolean }) =>
      `${agent} wants to send this with one of your credentials:\n${bytes}${
        isCut ? '\nThis is only the beginning. There may be more of it.' : ''
      }`,
    approvalTitle: ({ agent, what }: Approval & Request) => `May ${agent} do this: ${what}?`,
    approvalHow: ({ code }: Code) => `Answer with "approve ${code}" or "deny ${code}".`,
    approvalAsked: ({ agent, what, code }: Approval & Request & Code) =>
      `May ${agent} do this: ${what}?\nAnswer with "approve ${code}" or "deny ${code}".`,
    approved: ({ by, what, code }: Settled) => `Approved by ${by}: ${what} (${code}).`,
    denied: ({ by, what, code }: Settled) => `Denied by ${by}: ${what} (${code}).`,
    approvalExpired: ({ what, code }: Request & Code) => `Expired, so denied: ${what} (${code}).`,
  },
  /** Answers to commands. */
  commands: {
    /** Of several agents in one message, each under its name. */
    all: ({ answers }: { answers: readonly string[] }) => answers.join('\n'),
    named: ({ name, answer }: { name: string; answer: string }) => `${name}: ${answer}`,
    notAllowed: ({ command }: { command: string }) => `Only my owner or an admin can use /${command} here.`,
    stopped: () => 'Stopped.',
    nothingToStop: () => 'There was nothing to stop.',
    stopNotYours: () =>
      "I'm working on something for somebody else here, so only people who have been added can stop me.",
    againNothing: () => 'As far as I know, everything has arrived here.',
    againNotYours: () =>
      'Other people are in this conversation, so only people who have been added can use /again.',
    newNotYours: () =>
      'Other people are in this conversation, so only people who have been added can start a new one.',
    /** `prompts`: of this chat's tasks, a few; nothing is said about those of others but that they are there. */
    newBegun: ({ tasks, prompts }: { tasks: number; prompts: readonly string[] }) => {
      const begun = "This is a new conversation. I've forgotten what we said before.";
      if (tasks === 0) return begun;
      const more = tasks > prompts.length && prompts.length > 0 ? ', …' : '';
      const names = prompts.length > 0 ? `: ${prompts.map((one) => `"${one}"`).join(', ')}${more}` : '';
      return `${begun}\n${tasks === 1 ? '1 task is' : `${tasks} tasks are`} still scheduled${names}. Send /tasks to see them.`;
    },
  },
  /** The lines of `/status`. */
  status: {
    ready: ({ name }: Named) => `${name} is ready.`,
    asleep: ({ name }: Named) => `${name} is asleep until the next message.`,
    queued: ({ name, before, open }: Named & Open & { before: number }) =>
      `${name} is waiting for its turn (${before} ahead of it), with ${counted(open, 'message')} to answer.`,
    working: ({ name, open }: Named & Open) => `${name} is working on ${counted(open, 'message')}.`,
    blocked: ({ name, open }: Named & Open) =>
      `${name} can't work right now. It has ${counted(open, 'message')} to answer when it can.`,
    mock: () => 'This is the mock agent: no AI model answers here.',
    took: ({ total, agent }: { total: string; agent: string | null }) =>
      `The last answer here took ${total}${agent === null ? '' : `, of which the agent took ${agent}`}.`,
    late: ({ count }: { count: number }) => `Waiting to be delivered here: ${count}.`,
    lost: ({ count }: { count: number }) =>
      `May not have arrived here: ${count}. Send /again and I'll send it once more.`,
  },
  /** `/tasks`. Ids and tasks are the person's own list. */
  tasks: {
    none: ({ elsewhere }: Elsewhere) => ['There is no task in this chat.', ...others(elsewhere)].join(' '),
    list: ({ lines, hidden, elsewhere }: Elsewhere & { lines: readonly string[]; hidden: number }) =>
      [
        `${counted(lines.length + hidden, 'task')} in this chat:`,
        ...lines,
        ...(hidden > 0 ? [`… and ${hidden} more.`] : []),
        ...others(elsewhere),
        HOW,
      ].join('\n'),
    which: () => `Say which one: ${HOW}`,
    unknown: ({ given }: { given: string }) =>
      `There is no task ${JSON.stringify(given)} in this chat. Send /tasks to see them.`,
    ambiguous: () => 'More than one task starts like that. Send more of its ID.',
    results: ({ results }: { results: readonly { id: string; said: string }[] }) =>
      results.map(({ id, said }) => `${id}: ${said}`).join('\n'),
    cancelled: ({ running }: Running) => `It is cancelled.${running ? ` ${FINISHES}` : ''}`,
    paused: ({ running }: Running) => `It is paused.${running ? ` ${FINISHES}` : ''}`,
    resumed: () => 'It is active again.',
    runs: () => 'It runs now.',
    unchanged: () => 'Nothing to change.',
    gone: () => 'That task is gone.',
    isPaused: () => 'It is paused. Resume it first.',
    isRunning: () => 'It is running right now. Try again when it has finished.',
    isLastRun: () => 'It is running right now, for the last time. Send /stop in its chat to end it.',
  },
  /** What the terminal says first; it is the operator's. */
  terminal: {
    mock: () =>
      'Real: this chat, its sessions, databases and delivery. Not real: the agent. It is a mock that repeats what you say.',
    mockCause: ({ cause }: { cause: string }) => `Missing for the real one: ${cause}`,
    mockFix: ({ fix }: Fix) => `Make it real: ${fix}`,
    ready: ({ name }: Named) => `You are talking to ${name}. End with /quit.`,
    notReady: ({ name, cause }: Named & { cause: string }) => `${name} can't answer yet: ${cause} ${KEPT}`,
    next: ({ fix }: Fix) => `Next: ${fix}`,
  },
  /** What `npm start` asks in a terminal until the agent is real. */
  first: {
    looking: () => 'Looking at what is here …',
    noDocker: ({ fix }: Fix) =>
      `The agent needs Docker; until it is there, a mock answers. Then npm start again: ${fix}`,
    askImage: () => "Build the agent's box now? It downloads about 400 MB and takes 3 to 10 minutes. [Y/n]",
    askKey: () => 'The agent needs a key. Press Enter to give it later.',
    askPlace: () => 'Where do you want to talk to it? [1] here  [2] Telegram  (Enter: here)',
    later: ({ fix }: Fix) => `Later, then: ${fix}`,
    done: ({ what }: { what: string }) => `Done (${what}).`,
    stopped: () => 'Stopped. npm start goes on from here.',
  },
  /** For `fixFor`. */
  operator: {
    look: () => 'The person who runs me needs to take a look.',
  },
};

interface Chat {
  /** As people call it: `"Family" (Telegram)`. */
  chat: string;
}
interface Fix {
  /** From `fixFor`. */
  fix: string;
}
interface Named {
  name: string;
}
interface Approval {
  /** Its name, in quotes. */
  agent: string;
}
interface Request {
  /** Method and host of what waits. */
  what: string;
}
interface Code {
  /** Tells open approvals apart. */
  code: string;
}
interface Settled extends Request, Code {
  /** The name of whoever decided. */
  by: string;
}
interface Open {
  /** Messages that wait for an answer. */
  open: number;
}
interface Elsewhere {
  /** Tasks in other chats: that they are there is all that is said. */
  elsewhere: number;
}
interface Running {
  /** A run of it is under way. */
  running: boolean;
}

const KEPT = "I've kept your message and will answer it then.";
const CALL = 'The person who runs me needs to fix it.';
const HOW =
  'To change one, send /tasks cancel ID, /tasks pause ID or /tasks resume ID. "all" instead of an ID means every task of this chat.';
const FINISHES = 'The current run will still finish. Send /stop in its chat to end it.';

const counted = (count: number, what: string) => (count === 1 ? `1 ${what}` : `${count} ${what}s`);
const others = (elsewhere: number) => (elsewhere === 0 ? [] : [`${elsewhere} more in other chats.`]);

/** A text that the voice may say: only this file makes one, so a literal anywhere else does not compile. */
export type Sentence = string & { readonly __sentence: true };

type Written<T> = {
  readonly [Id in keyof T]: T[Id] extends (...values: infer V) => string
    ? (...values: V) => Sentence
    : Written<T[Id]>;
};

export const sentences = texts as Written<typeof texts>;

/**
 * A text that is not known to be from this file: what the operator's own steps post, and a notice on its way through
 * delivery. For nothing else, which test/unit/voice/sentences.test.ts sees to.
 */
export function writtenElsewhere(text: string): Sentence {
  return text as Sentence;
}
