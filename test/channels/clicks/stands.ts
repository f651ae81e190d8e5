import { buttonsOf as googleButtonsOf } from '../../fakes/gchat.js';
import { buttonsOf as slackButtonsOf } from '../../fakes/slack/world.js';
import { buttonsOf as teamsButtonsOf } from '../../fakes/teams.js';
import { createDiscordPlatform } from '../../system/platforms/discord.js';
import { createGoogleChatPlatform } from '../../system/platforms/gchat.js';
import { createSlackPlatform } from '../../system/platforms/slack.js';
import { createTeamsPlatform } from '../../system/platforms/teams.js';
import { createTelegramPlatform } from '../../system/platforms/telegram.js';
import type { Platform } from '../../system/platforms/types.js';

export type Clicker = 'ada' | 'eve';

/** A group chat in which Ada, whom the agent hears, can click, and somebody who bears her name and is not heard. */
export interface Stand {
  platform: Platform;
  /** As `members` has her. */
  adaId: string;
  /** Clicks on a button of the newest message that has some. False: there is none yet. */
  click(who: Clicker, label: string): boolean;
}

/** `people`: the platform's users; of their messages the one with buttons is clicked on. */
function standOf<User, Message>(
  platform: Platform,
  people: Record<Clicker, User> & { adaId: string },
  buttons: {
    messages(): readonly Message[];
    count(message: Message): number;
    click(message: Message, user: User, label: string): void;
  },
): Stand {
  return {
    platform: { ...platform, chats: platform.chats.filter((chat) => chat.isGroup) },
    adaId: `${platform.channelType}:${people.adaId}`,
    click(who, label) {
      const asked = buttons.messages().findLast((message) => buttons.count(message) > 0);
      if (asked) buttons.click(asked, people[who], label);
      return asked !== undefined;
    },
  };
}

/** Each platform that has buttons, and groups in which somebody else can click on them. */
export const stands: Record<string, () => Promise<Stand>> = {
  async discord() {
    const platform = await createDiscordPlatform(1);
    const { fake } = platform;
    const { ada, general, nextId } = fake.world;
    const people = { ada, eve: { ...ada, id: nextId() }, adaId: ada.id };
    return standOf(platform, people, {
      messages: () => fake.said(general.id),
      count: (message) => message.components.length,
      click: (message, user, label) => void fake.click(message, user, label),
    });
  },
  async telegram() {
    const platform = await createTelegramPlatform();
    const { fake } = platform;
    const { ada, family } = fake.world;
    const people = { ada, eve: { ...ada, id: ada.id + 1 }, adaId: String(ada.id) };
    return standOf(platform, people, {
      messages: () => fake.said(family),
      count: (message) => message.reply_markup?.inline_keyboard.length ?? 0,
      click: (message, user, label) => void fake.click(message, user, label),
    });
  },
  async slack() {
    const platform = await createSlackPlatform();
    const { fake } = platform;
    const { ada, general, users, nextId } = fake.world;
    const eve = { ...ada, id: nextId('U') };
    users.push(eve);
    return standOf(
      platform,
      { ada, eve, adaId: ada.id },
      {
        messages: () => fake.said(general),
        count: (message) => slackButtonsOf(message).length,
        click: fake.click,
      },
    );
  },
  async gchat() {
    const platform = await createGoogleChatPlatform();
    const { fake } = platform;
    const { ada, family } = fake.world;
    const people = { ada, eve: { ...ada, name: 'users/666' }, adaId: ada.name };
    return standOf(platform, people, {
      messages: () => fake.said(family),
      count: (message) => googleButtonsOf(message).length,
      click: (message, user, label) => fake.click(message, label, user),
    });
  },
  async teams() {
    const platform = await createTeamsPlatform();
    const { fake } = platform;
    const { ada, family } = fake.world;
    const people = { ada, eve: { id: '29:1eve-xyz', name: ada.name }, adaId: ada.id };
    return standOf(platform, people, {
      messages: () => fake.said(family),
      count: (message) => teamsButtonsOf(message).length,
      click: (message, user, label) => fake.click(message, label, user),
    });
  },
};
