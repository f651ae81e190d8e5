/**
 * What a message may tell the mock to do, one a line (or separated by ` ;; `), after an optional `@name`:
 *
 *     !send <text>              !sendto <chat> <text>     !file <path>          !edit <number> <text>
 *     !react <number> <emoji>   !schedule <prompt>        !call <tool> <JSON>   !sleep <ms>
 *     !note <text>              !reply <text>             !silent [reason]      !empty                !hang
 *     !error <class> [times]    !exit [code]              !recall               !prompt        !instructions
 *
 * A message without any is echoed. `!reply` and `!empty` make the final text, `!note` what stood before a tool; `!recall` says how many pushes this
 * conversation remembers, `!prompt` what the mock was given, `!instructions` its system prompt.
 */
export interface Step {
  verb: string;
  rest: string;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function plain(text: string): string {
  return text.replace(
    /&(?:#(\d+)|([a-z]+));/g,
    (whole, code: string | undefined, name: string | undefined) =>
      code === undefined ? (ENTITIES[name ?? ''] ?? whole) : String.fromCodePoint(Number(code)),
  );
}

/** The texts of all elements of that name, context left out. */
function textsOf(prompt: string, element: 'message' | 'task' | 'system'): string[] {
  const shown = prompt.replace(/<context>[\s\S]*?<\/context>/g, '');
  const pattern = new RegExp(`<${element}(?:\\s[^>]*)?>([\\s\\S]*?)</${element}>`, 'g');
  return [...shown.matchAll(pattern)].map((match) =>
    plain((match[1] ?? '').replace(/\n<(file|problem)[\s\S]*$/, '')),
  );
}

/** The steps of everything that a prompt asks for; a plain message is one step `echo`. */
export function stepsOf(prompt: string): Step[] {
  const asked = [...textsOf(prompt, 'message'), ...textsOf(prompt, 'task')];
  const news = textsOf(prompt, 'system').filter((text) => !text.startsWith('You were interrupted'));
  return [...news.map((rest) => ({ verb: 'news', rest })), ...asked.flatMap(stepsOfText)];
}

function stepsOfText(text: string): Step[] {
  const steps = text.split(/\n| ;; /).flatMap((line) => {
    const match = /^(?:@\S+\s+)?!([a-z]+)(?:\s+([\s\S]*))?$/.exec(line.trim());
    return match ? [{ verb: match[1] ?? '', rest: match[2] ?? '' }] : [];
  });
  return steps.length > 0 ? steps : [{ verb: 'echo', rest: text }];
}
