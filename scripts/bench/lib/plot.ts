export interface Series {
  label: string;
  points: { x: number; y: number }[];
}

/** How a cost grows. `x` is drawn on a logarithmic scale, `y` from zero. */
export interface Plot {
  /** The file's name, without `.svg`. */
  name: string;
  title: string;
  x: string;
  y: string;
  series: Series[];
}

const [WIDTH, HEIGHT] = [480, 280];
const EDGE = { left: 62, right: 16, top: 34, bottom: 44 };
const COLORS = ['#2563eb', '#d97706', '#059669', '#dc2626', '#7c3aed'];

/** A small SVG that needs no fonts, scripts or style sheets. Readable on a light and on a dark page. */
export function renderPlot({ title, x, y, series }: Plot): string {
  const all = series.flatMap((one) => one.points);
  if (all.length === 0) throw new RangeError('nothing to draw');
  const ticksX = [...new Set(all.map((point) => point.x))].sort((a, b) => a - b);
  const topY = niceAbove(Math.max(...all.map((point) => point.y)));
  const from = log(ticksX[0] ?? 0);
  const span = log(ticksX.at(-1) ?? 0) - from || 1;
  const atX = (value: number) => EDGE.left + ((log(value) - from) / span) * (WIDTH - EDGE.left - EDGE.right);
  const atY = (value: number) => HEIGHT - EDGE.bottom - (value / topY) * (HEIGHT - EDGE.top - EDGE.bottom);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => share * topY);
  const parts = [
    ...grid.flatMap((value) => [
      line(EDGE.left, atY(value), WIDTH - EDGE.right, atY(value)),
      text(EDGE.left - 6, atY(value) + 4, number(value), 'end'),
    ]),
    ...ticksX.map((value) => text(atX(value), HEIGHT - EDGE.bottom + 16, number(value), 'middle')),
    text(WIDTH / 2, HEIGHT - 10, x, 'middle'),
    text(EDGE.left, EDGE.top - 10, y, 'start'),
    text(WIDTH / 2, 16, title, 'middle', ' font-weight="bold"'),
    ...series.flatMap((one, index) => drawSeries(one, index, atX, atY)),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escaped(title)}" font-family="sans-serif" font-size="11" fill="#6b7280">
${parts.join('\n')}
</svg>
`;
}

function drawSeries(
  { label, points }: Series,
  index: number,
  atX: (x: number) => number,
  atY: (y: number) => number,
): string[] {
  const color = COLORS[index % COLORS.length] ?? '';
  const sorted = points.toSorted((a, b) => a.x - b.x);
  const places = sorted.map((point) => `${round(atX(point.x))},${round(atY(point.y))}`).join(' ');
  return [
    `<polyline points="${places}" fill="none" stroke="${color}" stroke-width="2"/>`,
    ...sorted.map(
      (point) => `<circle cx="${round(atX(point.x))}" cy="${round(atY(point.y))}" r="3" fill="${color}"/>`,
    ),
    text(WIDTH - EDGE.right, EDGE.top + 2 + index * 14, label, 'end', ` style="fill:${color}"`),
  ];
}

/** Nought has a place as well, left of one. */
const log = (value: number) => Math.log10(Math.max(value, 0.5));
const round = (value: number) => Math.round(value * 10) / 10;
const number = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 3 });

/** The next 1, 2, 2.5, 5 times a power of ten. */
export function niceAbove(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return step * power;
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="#9ca3af" stroke-opacity="0.4"/>`;
}

function text(x: number, y: number, content: string, anchor: string, more = ''): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${more}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replace(/[&<>"]/g, (found) => `&#${found.charCodeAt(0)};`);
}
