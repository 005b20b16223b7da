import Sqlite from 'better-sqlite3';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import { Failure } from '../../model/failure.ts';

/** What SQLite answers when its disk is full, broken or read-only. The transaction is rolled back then, and the file stays whole. */
const unwritable = /^SQLITE_(FULL|IOERR|READONLY)/;

/**
 * The same methods, with what the disk of the database refuses as a failure that a client may be told: to try again later is right, since nothing
 * has changed, and the database is written again as soon as there is space.
 */
export function sayWhenUnwritable<Methods extends object>(methods: Methods): Methods {
  return Object.fromEntries(
    Object.entries(methods).map(([name, member]) => [name, typeof member === 'function' ? watched(member as AnyMethod) : member]),
  ) as Methods;
}

type AnyMethod = (...parameters: readonly unknown[]) => Promise<unknown>;

function watched(method: AnyMethod): AnyMethod {
  return async (...parameters) => {
    try {
      return await method(...parameters);
    } catch (cause) {
      const inner = cause instanceof DrizzleQueryError ? cause.cause : cause;
      if (inner instanceof Sqlite.SqliteError && unwritable.test(inner.code)) {
        const reason = 'The service cannot write its database at the moment. Nothing has changed; try again later.';
        throw new Failure({ kind: 'unavailable', reason }, { cause });
      }
      throw cause;
    }
  };
}
