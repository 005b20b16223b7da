import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';
import type { ProgramDependencies } from '../../../src/cli/program-dependencies.ts';
import { actions } from '../../../src/ec2-query-api/actions/table.ts';

const readme = readFileSync(fileURLToPath(new URL('../../../README.md', import.meta.url)), 'utf8');

/** The first cells of the table below a heading. */
function firstCells(heading: string): readonly string[] {
  const [, section = ''] = readme.split(new RegExp(`^#+ ${heading}$`, 'm'));
  return [...(section.split(/^#+ /m)[0] ?? '').matchAll(/^\| (?!-)(.+?) \|/gm)].map(([, cell = '']) => cell).slice(1);
}

/** "Get-, Enable-, DisableX, Y and the same of snapshots" names GetX, EnableX, DisableX, Y, and Y of snapshots. */
function actionsNamed(cell: string): readonly string[] {
  const verbs: string[] = [];
  const named = cell.split(/, /).flatMap((word) => {
    if (word === 'and the same of snapshots') return [];
    if (word.endsWith('-')) {
      verbs.push(word.slice(0, -1));
      return [];
    }
    const rest = word.replace(/^[A-Z][a-z]+/, '');
    return [word, ...verbs.splice(0).map((verb) => `${verb}${rest}`)];
  });
  const ofSnapshots = named.map((name) => name.replace('Volumes', 'Snapshots').replace('Volume', 'Snapshot'));
  return cell.includes('the same of snapshots') ? [...named, ...ofSnapshots] : named;
}

it("the README's table of actions has every action, and no other", () => {
  const named = firstCells('Supported actions').flatMap(actionsNamed);
  expect([...new Set(named)].sort()).toEqual(Object.keys(actions).sort());
  expect(named.length).toBe(new Set(named).size);
});

it("the README's table of commands has every command, and no other", () => {
  const named = firstCells('The `vbs` command').flatMap((cell) => {
    const [first = '', ...more] = [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
    const [, command = '', verb] = /^vbs ([a-z-]+)(?: ([a-z]+))?/.exec(first) ?? [];
    return verb === undefined ? [command] : [verb, ...more].map((each) => `${command} ${each}`);
  });
  // Only asked for what commands there are.
  const program = createProgram({ version: 'any', output: {} } as ProgramDependencies);
  expect([...named].sort()).toEqual(leavesOf(program).sort());
});

function leavesOf(command: Command): string[] {
  return command.commands.flatMap((each) => {
    const nested = leavesOf(each).map((name) => `${each.name()} ${name}`);
    return nested.length > 0 ? nested : [each.name()];
  });
}
