import { getPublicSuffix } from 'tldts';

/**
 * Which wildcards of a list would let in whoever registers a name: those on a public suffix (publicsuffix.org), and on
 * services that give names away and are not listed there.
 */
export function isTooWide(entry: string): boolean {
  const [, below] = /^\*\.(.*?)\.?(?::\d+)?$/.exec(entry.trim().toLowerCase()) ?? [];
  return below !== undefined && isOpenToAll(below);
}

/** May anybody get a name right below this one? */
function isOpenToAll(name: string): boolean {
  if (name === '' || getPublicSuffix(name, { allowPrivateDomains: true, validateHostname: false }) === name)
    return true;
  if (REGIONAL.some((one) => name.endsWith(`.${one}`))) return true;
  // A name above one of them is no narrower.
  return [...SHARED, ...REGIONAL].some((one) => one === name || one.endsWith(`.${name}`));
}

const words = (text: string) => text.trim().split(/\s+/);

/** Of these a region or a service comes first, and customers below it: `s3.eu-west-1.amazonaws.com`. */
const REGIONAL = words(`
  amazonaws.com amazonaws.com.cn backblazeb2.com cloudapp.azure.com core.windows.net on.aws wasabisys.com
`);

/** Hosting, tunnels, dynamic names and request catchers that the list lacks: whoever signs up gets a name right below. */
const SHARED = words(`
  cloudflarestorage.com firebasestorage.app github.dev glitch.me koyeb.app neocities.org railway.app stackblitz.io
  tumblr.com webcontainer.io wordpress.com
  lhr.life lhr.rocks loca.lt localhost.run serveo.net
  burpcollaborator.net canarytokens.com dnslog.cn interact.sh oast.fun oast.live oast.me oast.online oast.pro oast.site
  oastify.com pipedream.net requestcatcher.com
  nip.io sslip.io traefik.me xip.io
`);
