// tsc copies no SQL: the migrations that the store applies at start go beside its compiled code.
import { cpSync } from 'node:fs';

cpSync('src/store/sqlite/migrations', 'dist/store/sqlite/migrations', { recursive: true });
