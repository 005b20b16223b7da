import { randomInt, randomUUID } from 'node:crypto';
import { createOperator, type Operator } from '../blockstore/operator.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { openStateFolder } from './state-folder.ts';

/** What the command line does with a state folder directly, beside a running server or without one. */
export function openOperator(stateFolder: string): { readonly operator: Operator; close(): void } {
  const store = openSqliteStore({ file: openStateFolder(stateFolder).database, clock: Date.now, newUuid: randomUUID });
  return { operator: operatorOn(store), close: () => store.close() };
}

export function operatorOn(store: Store): Operator {
  const randomText = (length: number, characters: string): string =>
    Array.from({ length }, () => characters.charAt(randomInt(characters.length))).join('');
  return createOperator({ store, clock: Date.now, randomText });
}
