import type { Step } from './lib/step.js';

/** Every step, loaded only when it is asked for: a step starts as fast as what it needs. */
export const steps = new Map<string, () => Promise<Step>>([
  ['environment', async () => (await import('./environment.js')).environment],
  ['timezone', async () => (await import('./timezone.js')).timezone],
  ['settings', async () => (await import('./settings.js')).settings],
  ['container', async () => (await import('./container.js')).container],
  ['credentials', async () => (await import('./credentials.js')).credentials],
  ['channel', async () => (await import('./channel.js')).channel],
  ['groups', async () => (await import('./groups.js')).groups],
  ['register', async () => (await import('./register.js')).register],
  ['unregister', async () => (await import('./unregister.js')).unregister],
  ['members', async () => (await import('./members.js')).members],
  ['group', async () => (await import('./group.js')).group],
  ['mounts', async () => (await import('./mounts.js')).mounts],
  ['status', async () => (await import('./status.js')).status],
  ['logs', async () => (await import('./logs.js')).logs],
  ['deliveries', async () => (await import('./deliveries.js')).deliveries],
  ['tasks', async () => (await import('./tasks.js')).tasks],
  ['messages', async () => (await import('./messages.js')).messages],
  ['pair', async () => (await import('./pair.js')).pair],
  ['service', async () => (await import('./service.js')).service],
  ['backup', async () => (await import('./backup.js')).backup],
  ['update', async () => (await import('./update.js')).update],
  ['verify', async () => (await import('./verify.js')).verify],
]);

export const stepNames = [...steps.keys()];
