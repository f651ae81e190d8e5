import type { ModelErrorClass } from '../providers/types.ts';

/** What a chat is told. Plain, without raw text of a provider, which may hold anything. */
export const NO_ANSWER = 'Something went wrong: I finished without an answer. Please ask again.';
export const UNREADABLE = 'I could not read a message, so it was not answered. Please send it again.';

export const FAILED: Record<ModelErrorClass, string> = {
  authentication: 'The model does not accept my credential, so I cannot answer.',
  rate_limit:
    'The model has been limiting requests for a long time, so I gave up on this. Please ask again later.',
  overloaded: 'The model has been overloaded for a long time, so I gave up on this. Please ask again later.',
  unreachable: 'I could not reach the model for a long time, so I gave up on this. Please ask again later.',
  billing: 'The model account has a billing problem, so I cannot answer until that is settled.',
  budget: 'This cost more than I am allowed to spend at once, so I stopped. Say "go on" and I continue.',
  steps: 'This took more steps than I am allowed at once, so I stopped. Say "go on" and I continue.',
  length:
    'My answer reached the greatest length that I am allowed, so it stops here. Say "go on" and I continue.',
  invalid_request: 'The model refused this conversation as invalid. /new begins a fresh one.',
  model_not_found:
    'The model that I am set up with is not available. It can be changed with the step `group`.',
  refused:
    'The model declined to answer this. Our conversation goes on: ask in another way, or something else.',
  transcript: 'I could not go on with our conversation. /new begins a fresh one.',
  crashed: 'Something went wrong while I was working on this, several times. Please ask again.',
  unknown: 'Something went wrong with the model, several times. Please ask again.',
};

/** While it is still tried. */
export const WAITING: Partial<Record<ModelErrorClass, string>> = {
  authentication:
    'The model does not accept my credential at the moment. I will answer when that is put right.',
  rate_limit: 'The model is limiting my requests at the moment. I keep trying and will answer.',
  overloaded: 'The model is overloaded at the moment. I keep trying and will answer.',
  unreachable: 'I cannot reach the model at the moment. I keep trying and will answer.',
};

/** The sentence of the host's own gateway in an error text, which is ours and not a provider's; null: there is none. */
export function hintIn(detail: string): string | null {
  return /\[wharfie\] [a-z0-9-]+: ([^\n]{1,500})/.exec(detail)?.[1] ?? null;
}

export const heldUp = (hint: string) => `I cannot answer yet: ${hint} I keep trying and will answer.`;
