import { afterEach, describe, expect, it } from 'vitest';
import { createMessagesApi, type MessagesApi, type Script } from '../../fakes/messages-api.js';

let api: MessagesApi | undefined;
afterEach(() => api?.close());

const ask = (body: Record<string, unknown>, path = '/v1/messages?beta=true') =>
  fetch(`${api?.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
    body: JSON.stringify({ model: 'claude-test', messages: [{ role: 'user', content: 'hello' }], ...body }),
  });

async function events(script: Script): Promise<Record<string, unknown>[]> {
  api = await createMessagesApi(script);
  const text = await (await ask({ stream: true })).text();
  return [...text.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1] ?? ''));
}

describe('the scripted Messages API', () => {
  it('streams text, thinking and tool calls in the order and shape of the API', async () => {
    const got = await events([
      {
        thinking: 'hm',
        text: ['Hel', Promise.resolve('lo')],
        tools: [{ name: 'Bash', input: { command: 'date' } }],
      },
    ]);
    expect(got.map((event) => event.type).filter((type) => type !== 'content_block_delta')).toEqual([
      'message_start',
      'ping',
      ...Array(3).fill(['content_block_start', 'content_block_stop']).flat(),
      'message_delta',
      'message_stop',
    ]);
    expect(got.flatMap((event) => (event.delta ? [event.delta] : []))).toEqual([
      { type: 'thinking_delta', thinking: 'hm' },
      { type: 'signature_delta', signature: 'scripted' },
      { type: 'text_delta', text: 'Hel' },
      { type: 'text_delta', text: 'lo' },
      { type: 'input_json_delta', partial_json: '{"command":"date"}' },
      { stop_reason: 'tool_use', stop_sequence: null },
    ]);
  });

  it('answers whole when no stream is asked for, and counts tokens', async () => {
    api = await createMessagesApi(['Hi']);
    expect(await (await ask({})).json()).toMatchObject({
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
    });
    expect(await (await ask({}, '/v1/messages/count_tokens')).json()).toEqual({
      input_tokens: expect.any(Number),
    });
    expect(api.calls).toHaveLength(1);
    expect(api.seen).toHaveLength(2);
  });

  it('shows the script what the client sent', async () => {
    api = await createMessagesApi((call) => `${call.n}:${call.lastUser}:${call.toolResults[0]?.text ?? '-'}`);
    await ask({ system: [{ type: 'text', text: 'You are Andy' }], tools: [{ name: 'Bash' }] });
    const second = await ask({
      messages: [
        { role: 'user', content: 'x' },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: 'ok' }] },
            { type: 'text', text: 'go on' },
          ],
        },
      ],
    });
    expect(await second.json()).toMatchObject({ content: [{ text: '1:go on:ok' }] });
    const [first] = await api.callsReach(2);
    expect(first).toMatchObject({
      system: 'You are Andy',
      tools: ['Bash'],
      lastUser: 'hello',
      model: 'claude-test',
    });
  });

  it('fails as the API does, and refuses after the end of the script', async () => {
    api = await createMessagesApi([{ status: 429, headers: { 'retry-after': '7' } }]);
    const limited = await ask({});
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await limited.json()).toMatchObject({ error: { type: 'rate_limit_error' } });
    expect((await ask({})).status).toBe(400);
    api.setScript(['again']);
    expect((await ask({})).status).toBe(200);
    expect((await fetch(`${api.url}/v1/models`)).status).toBe(404);
  });

  it('breaks in the three ways that a connection can', async () => {
    api = await createMessagesApi([
      { broken: 'refused' },
      { broken: 'cut', text: 'Hal' },
      { broken: 'error-event' },
    ]);
    await expect(ask({ stream: true })).rejects.toThrow();
    const cut = await ask({ stream: true });
    expect(cut.status).toBe(200);
    await expect(cut.text()).rejects.toThrow();
    expect(await (await ask({ stream: true })).text()).toContain('overloaded_error');
  });
});
