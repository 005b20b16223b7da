/** One measure of several things, of which the same ones are in every panel. */
export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly name: string;
  /** `undefined`: it was not measured. */
  readonly value: number | undefined;
  readonly isOurs: boolean;
}

const columns = 2;
const panelWidth = 460;
const nameWidth = 140;
const figureWidth = 70;
const barHeight = 16;
const rowHeight = 22;
const titleHeight = 34;
const margin = 16;
const colours = { ours: '#1f6feb', other: '#9aa4af', text: '#1f2328', faint: '#656d76', paper: '#ffffff' };

/** Draws panels of bars as an SVG document. Bars of a panel begin at zero and share its scale. */
export function drawBars(panels: readonly Panel[], shownValue: (value: number) => string): string {
  const panelHeight = titleHeight + rowHeight * Math.max(0, ...panels.map(({ bars }) => bars.length)) + margin;
  const width = margin + columns * (panelWidth + margin);
  const height = margin + Math.ceil(panels.length / columns) * panelHeight;
  const drawn = panels.map((panel, index) => {
    const x = margin + (index % columns) * (panelWidth + margin);
    const y = margin + Math.floor(index / columns) * panelHeight;
    return `<g transform="translate(${x} ${y})">\n${drawPanel(panel, shownValue)}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    // Read out by screen readers, and shown by browsers under the pointer.
    `<title>${escaped(panels.map(({ title }) => title).join('; '))}</title>`,
    `<rect width="${width}" height="${height}" fill="${colours.paper}"/>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, unit, bars }: Panel, shownValue: (value: number) => string): string {
  const most = Math.max(0, ...bars.map(({ value = 0 }) => value));
  const longest = panelWidth - nameWidth - figureWidth;
  const rows = bars.map(({ name, value, isOurs }, index) => {
    const y = titleHeight + index * rowHeight;
    const length = most === 0 ? 0 : ((value ?? 0) / most) * longest;
    const middle = y + barHeight - 4;
    return [
      text(nameWidth - 8, middle, name, `text-anchor="end" fill="${colours.text}"`),
      `<rect x="${nameWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" fill="${isOurs ? colours.ours : colours.other}"/>`,
      text(nameWidth + length + 6, middle, value === undefined ? 'not measured' : shownValue(value), `fill="${colours.faint}"`),
    ].join('\n');
  });
  return [text(0, 16, `${title}, ${unit}`, `font-size="14" font-weight="bold" fill="${colours.text}"`), ...rows].join('\n');
}

function text(x: number, y: number, words: string, attributes: string): string {
  return `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
