import { createHmac } from 'node:crypto';
import type { Clock } from '../../../src/clock.js';
import { createWebhookSender, type Posting, type WebhookSender } from '../webhook-sender.js';

/** How Slack sends again (api.slack.com/apis/events-api#errors): nearly at once, after a minute, after five. */
const RETRIES = [1000, 60_000, 300_000];

export interface FakeSlackWebhook {
  readonly secret: string;
  readonly sender: WebhookSender;
  /** The request for a delivery, signed now. */
  posting(type: 'events_api' | 'interactive', payload: object, retry?: number): Posting;
  dispatch(type: 'events_api' | 'interactive', payload: object): void;
}

/** Slack's side of the Events API: signed requests, one after the other for each channel. */
export function createFakeWebhook(clock: Clock, url: () => string): FakeSlackWebhook {
  const secret = '0123456789abcdef0123456789abcdef';
  const sender = createWebhookSender({ url, retries: RETRIES, clock });

  const sign = (body: string, type: string, retry: number): Posting => {
    const time = String(Math.floor(clock.now() / 1000));
    const signature = createHmac('sha256', secret).update(`v0:${time}:${body}`).digest('hex');
    return {
      body,
      headers: {
        'content-type': type,
        'x-slack-request-timestamp': time,
        'x-slack-signature': `v0=${signature}`,
        ...(retry > 0 ? { 'x-slack-retry-num': String(retry), 'x-slack-retry-reason': 'http_error' } : {}),
      },
    };
  };

  const posting: FakeSlackWebhook['posting'] = (type, payload, retry = 0) => {
    if (type === 'interactive') {
      const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
      return sign(body, 'application/x-www-form-urlencoded', retry);
    }
    const event = { token: 'verification', team_id: 'T0FAKE', type: 'event_callback', ...payload };
    return sign(JSON.stringify(event), 'application/json', retry);
  };

  return {
    secret,
    sender,
    posting,
    dispatch(type, payload) {
      sender.send(channelOf(payload), (retry) => posting(type, payload, retry));
    },
  };
}

/** In which channel it happened, wherever Slack tells that. */
const channelOf = (payload: object): string => /[CDG]0FAKE\d+/.exec(JSON.stringify(payload))?.[0] ?? '';
