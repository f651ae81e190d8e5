import { teamsError } from './errors.js';

/** Hosts of Microsoft's connector (learn.microsoft.com/microsoftteams/platform, the `serviceUrl` of its clouds). */
const HOST =
  /^(?:smba\.trafficmanager\.net|(?:[a-z0-9-]+\.){1,5}(?:teams\.microsoft\.(?:com|us)|botframework\.(?:com|us)))$/;

export interface Services {
  /**
   * Whether our token may go there. The address comes with each message and stands in the ids of chats: anybody may
   * have written it.
   */
  trusts(serviceUrl: string): boolean;
  /** The address of something of the service. Throws a ChannelError where it is not trusted. */
  urlOf(serviceUrl: string, path: string): string;
}

/** `own`: an address that the configuration names besides Microsoft's, such as a gateway. */
export function createServices(own: string | undefined): Services {
  const ownOrigin = own && URL.canParse(own) ? new URL(own).origin : null;

  function trusts(serviceUrl: string): boolean {
    if (!URL.canParse(serviceUrl)) return false;
    const url = new URL(serviceUrl);
    if (url.username || url.password) return false;
    if (url.origin === ownOrigin) return true;
    return url.protocol === 'https:' && url.port === '' && HOST.test(url.hostname);
  }

  return {
    trusts,
    urlOf(serviceUrl, path) {
      if (trusts(serviceUrl)) return `${serviceUrl.replace(/\/+$/, '')}/v3/${path}`;
      throw teamsError(
        'foreign-service',
        'The id of this chat leads to an address that is not Microsoft’s.',
        'Take the id from: ./wharfie groups --list',
        { errorClass: 'permanent' },
      );
    },
  };
}
