import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

it.each(pages)('%s has no link that leads nowhere', (page) => {
  const links = [...readPage(page).matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)].map(([, link = '']) => link);
  expect(links.filter((link) => !leadsSomewhere(page, link))).toEqual([]);
});

it.each(pages)('%s was merged to its end', (page) => {
  expect(
    readFileSync(join(root, page), 'utf8')
      .split('\n')
      .filter((line) => /^(<{7}|={7}|>{7})( |$)/.test(line)),
  ).toEqual([]);
});

function leadsSomewhere(page: string, link: string): boolean {
  const [to = '', heading] = link.split('#');
  const target = to === '' ? page : join(dirname(page), to);
  if (!existsSync(join(root, target))) return false;
  return heading === undefined || headingsOf(target).includes(heading);
}

/** As the fragments that forges make of them. */
function headingsOf(page: string): readonly string[] {
  return [...readPage(page).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    text
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Without what is shown as it would be typed. */
function readPage(page: string): string {
  return readFileSync(join(root, page), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
}
