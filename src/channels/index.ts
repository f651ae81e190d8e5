// One line a channel; `--step channel -- --enable <type>` takes the comment away. The terminal is always there.
export { discord } from './discord.js';
// export { telegram } from './telegram.js';
// export { slack } from './slack.js';
// export { github } from './github.js';
// export { linear } from './linear.js';
// export { gchat } from './gchat.js';
// export { teams } from './teams.js';
// export { whatsappCloud } from './whatsapp-cloud.js';
// export { resend } from './resend.js';
