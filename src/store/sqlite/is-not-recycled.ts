import { type AnyColumn, type SQL, sql } from 'drizzle-orm';
import { recycleBin } from './schema.ts';

/** What is in the recycle bin is shown to nobody and cannot be changed. */
export function isNotRecycled(resourceId: AnyColumn): SQL {
  return sql`NOT EXISTS (SELECT 1 FROM ${recycleBin} WHERE ${recycleBin.resourceId} = ${resourceId})`;
}
