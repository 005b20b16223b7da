/** Puts a question once for all who ask it at about the same time, and remembers the answer for a while. */
export interface SharedAnswers<Key, Value> {
  /**
   * An answer that was begun to be asked for after the call, or not longer than `withinMs` before it. One that is under way already and is too old for
   * this call is waited for, and then asked anew, once for all who waited: never are there two questions of one key under way. Throws what `ask` throws.
   */
  get(key: Key, withinMs: number, ask: () => Promise<Value>): Promise<Value>;
  /** What is remembered and was begun to be asked for not longer than `withinMs` ago. */
  known(key: Key, withinMs: number): Value | undefined;
}

export interface SharedAnswersOptions<Value> {
  /** How many are remembered; the oldest goes first. */
  readonly entries: number;
  /** For how long an answer may be remembered; 0 for one that is for those only who wait for it. */
  readonly keepMs: (value: Value) => number;
}

interface Question<Value> {
  readonly answer: Promise<Value>;
  readonly number: number;
  readonly beganAtMs: number;
  settled?: { readonly value: Value; readonly endsAtMs: number };
}

export function sharedAnswers<Key, Value>(
  { entries, keepMs }: SharedAnswersOptions<Value>,
  clock: () => number,
): SharedAnswers<Key, Value> {
  const questions = new Map<Key, Question<Value>>();
  let numbers = 0;

  const forget = (key: Key, question: Question<Value>) => {
    if (questions.get(key) === question) {
      questions.delete(key);
    }
  };

  const forgetOldest = () => {
    let tooMany = questions.size - entries;
    for (const [key, { settled }] of questions) {
      if (tooMany <= 0) break;
      if (settled !== undefined) {
        questions.delete(key);
        tooMany -= 1;
      }
    }
  };

  const begin = (key: Key, ask: () => Promise<Value>): Promise<Value> => {
    numbers += 1;
    const question: Question<Value> = { answer: ask(), number: numbers, beganAtMs: clock() };
    questions.delete(key);
    questions.set(key, question);
    question.answer.then(
      (value) => {
        const lifeMs = keepMs(value);
        if (lifeMs <= 0) {
          forget(key, question);
          return;
        }
        question.settled = { value, endsAtMs: question.beganAtMs + lifeMs };
        forgetOldest();
      },
      () => forget(key, question),
    );
    return question.answer;
  };

  const isOver = ({ settled }: Question<Value>) => settled !== undefined && clock() >= settled.endsAtMs;

  return {
    async get(key, withinMs, ask) {
      const cameAtMs = clock();
      numbers += 1;
      const cameAs = numbers;
      for (;;) {
        const found = questions.get(key);
        if (found === undefined || isOver(found)) {
          return begin(key, ask);
        }
        if (found.number > cameAs || (withinMs > 0 && found.beganAtMs > cameAtMs - withinMs)) {
          return found.answer;
        }
        if (found.settled !== undefined) {
          return begin(key, ask);
        }
        await found.answer.catch(() => undefined);
      }
    },

    known(key, withinMs) {
      const found = questions.get(key);
      if (found?.settled === undefined || clock() - found.beganAtMs >= withinMs) {
        return undefined;
      }
      if (isOver(found)) {
        questions.delete(key);
        return undefined;
      }
      return found.settled.value;
    },
  };
}
