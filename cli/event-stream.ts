import type { IncomingMessage } from 'node:http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** The server-sent events of a response, as many at a time as have come. */
export async function* eventsOf(response: IncomingMessage): AsyncGenerator<EventSourceMessage[]> {
  const messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => messages.push(message) });
  response.setEncoding('utf8');
  for await (const chunk of response) {
    parser.feed(chunk as string);
    if (messages.length > 0) yield messages.splice(0);
  }
}
