/** Where a channel is called on this machine. */
export const webhookPath = (type: string) => `/webhooks/${type}`;

/** What its platform is to be told; null: the public address is not known. */
export const webhookUrl = (publicUrl: string | null | undefined, type: string) =>
  publicUrl ? publicUrl.replace(/\/+$/, '') + webhookPath(type) : null;
