/**
 * A statement that is written and compiled at its first use, and kept. There are some dozens, and to make all of them ready would be a tenth of the
 * time that the service takes to start.
 */
export function whenUsed<Statement>(make: () => Statement): () => Statement {
  let made: Statement | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
