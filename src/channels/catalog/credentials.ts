import type { ChannelFacts, ChannelTransport } from './types.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Which credentials are not there, as a person is told; where one of several will do they are one entry. */
export function missingCredentials({ credentials, oneOf }: ChannelFacts, env: Env): string[] {
  const missing = credentials.filter((one) => one.required && !env[one.name]).map((one) => one.name);
  if (!oneOf || oneOf.some((set) => set.every((name) => env[name]))) return missing;
  return [...missing, oneOf.map((set) => set.join(' with ')).join(' or ')];
}

/** What would do in the place of this credential, as a person is told; null: nothing. */
export function insteadOf({ oneOf }: ChannelFacts, name: string): string | null {
  if (!oneOf?.some((set) => set.includes(name))) return null;
  const others = oneOf.filter((set) => !set.includes(name));
  return others.map((set) => set.join(' with ')).join(' or ');
}

/** How events arrive with these credentials. */
export function transportOf(facts: ChannelFacts, env: Env): ChannelTransport {
  return facts.transportWith?.(env) ?? facts.transport;
}
