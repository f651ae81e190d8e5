import type { Place } from '../crash-matrix/places.js';

/** One chat of a platform's fake, as it is registered and as a person sees it. */
export interface PlatformChat {
  platformId: string;
  name: string;
  isGroup: boolean;
  place: Place;
}

/** A platform's fake with some chats in it, for whole hosts that talk to it with the real adapter. */
export interface Platform {
  channelType: string;
  /** For the installation's `.env`. */
  env: Record<string, string>;
  chats: PlatformChat[];
  /** Where it calls the host's webhook; undefined: the host calls it. */
  port?: number;
  /** How often a host has connected. */
  connections(): number;
  /** Opens a thread in the first chat. */
  thread(name: string): Place;
  close(): Promise<void>;
}
