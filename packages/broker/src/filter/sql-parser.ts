/**
 * Turns an SQL92 expression into a condition. It takes and refuses what RocketMQ's own parser takes
 * and refuses, names of properties included, and says where something is wrong.
 * RocketMQ: SelectorParser.jj, the grammar.
 */
import type { MqError } from '@skylarkmq/base';
import type { RecordProperties, Variable } from './record-properties.ts';
import { equality } from './sql-equality.ts';
import { literalOf } from './sql-literal.ts';
import { compareNumbers, nullness, type Operand } from './sql-operand.ts';
import { isOrderSymbol, type Orderable, ordering } from './sql-order.ts';
import { SqlKind, type SqlToken, SqlTokens, sqlError } from './sql-token.ts';
import { allOf, type Condition, not, oneOf, Truth, truthOf } from './truth.ts';

/** How deep parentheses, NOT and signs may be nested. */
const DEPTH_MAX = 32;

/** A part of the expression, and where it begins. */
interface Part {
  readonly operand: Operand;
  readonly at: number;
}

export interface ParsedSql {
  readonly condition: Condition;
  /** What stands behind the condition; RocketMQ does not look at it. Empty when nothing does. */
  readonly ignored: string;
}

/** The condition of an expression. INVALID_ARGUMENT when it is wrong. */
export function parseSql(source: string, properties: RecordProperties): ParsedSql {
  return new SqlParser(source, properties).parse();
}

class SqlParser {
  readonly #source: string;
  readonly #properties: RecordProperties;
  readonly #tokens: SqlTokens;
  #next = 0;
  #depth = 0;

  constructor(source: string, properties: RecordProperties) {
    this.#source = source;
    this.#properties = properties;
    this.#tokens = new SqlTokens(source);
  }

  parse(): ParsedSql {
    const condition = this.#asCondition(this.#or());
    return { condition, ignored: this.#source.slice(this.#token.start) };
  }

  get #token(): SqlToken {
    return this.#tokens.at(this.#next);
  }

  #or(): Part {
    return this.#chain('OR', () => this.#and(), oneOf);
  }

  #and(): Part {
    return this.#chain('AND', () => this.#equality(), allOf);
  }

  #chain(
    word: string,
    part: () => Part,
    join: (conditions: readonly Condition[]) => Condition,
  ): Part {
    const first = part();
    if (this.#token.kind !== word) return first;
    const conditions = [this.#asCondition(first)];
    while (this.#skip(word)) conditions.push(this.#asCondition(part()));
    return conditionAt(first.at, join(conditions));
  }

  #equality(): Part {
    let left = this.#comparison();
    for (;;) {
      if (this.#skip('=')) left = this.#equals(left, this.#comparison());
      else if (this.#skip('<>')) {
        left = negated(this.#equals(left, this.#comparison()));
      } else if (this.#skip('IS')) {
        const isNot = this.#skip('NOT');
        this.#expect('NULL', isNot ? 'NULL' : 'NULL or NOT NULL');
        const isNull = conditionAt(left.at, nullness(left.operand));
        left = isNot ? negated(isNull) : isNull;
      } else return left;
    }
  }

  // RocketMQ: ComparisonExpression#createEqual
  #equals(left: Part, right: Part): Part {
    for (const { operand, at } of [left, right]) {
      if (operand.type !== 'condition' || !operand.isNull) continue;
      throw this.#error(at, 'nothing equals NULL; write IS NULL or IS NOT NULL');
    }
    const isBoolean = left.operand.type === 'condition' && left.operand.isLiteral;
    const { type } = right.operand;
    const isConstant = type === 'text' || (type === 'number' && right.operand.isLiteral);
    if (isBoolean && isConstant) {
      throw this.#error(right.at, 'TRUE and FALSE can be compared with conditions only');
    }
    return conditionAt(left.at, equality(left.operand, right.operand));
  }

  #comparison(): Part {
    let left = this.#unary();
    for (;;) {
      const { kind } = this.#token;
      if (isOrderSymbol(kind)) {
        this.#next += 1;
        left = this.#order(kind, left, this.#unary());
        continue;
      }
      const isNot = kind === 'NOT';
      const word = isNot ? this.#tokens.at(this.#next + 1).kind : kind;
      if (!WORDS.has(word)) {
        if (!isNot) return left;
        this.#next += 1;
        throw this.#unexpected('BETWEEN, IN, CONTAINS, STARTSWITH or ENDSWITH after NOT');
      }
      this.#next += isNot ? 2 : 1;
      left = this.#wordComparison(left, word, isNot);
    }
  }

  #wordComparison(left: Part, word: string, isNot: boolean): Part {
    if (word === 'BETWEEN') return this.#between(left, isNot);
    if (word === 'IN') return this.#in(left, isNot);
    const search = this.#text(`a text in single quotes after ${word}`);
    return conditionAt(left.at, searching(word, left.operand, search, isNot));
  }

  // RocketMQ: ComparisonExpression#createBetween, #createNotBetween
  #between(left: Part, isNot: boolean): Part {
    const low = this.#unary();
    this.#expect('AND', 'AND and the upper limit of BETWEEN');
    const high = this.#unary();
    if (isNot) {
      const outside = [this.#order('<', left, low), this.#order('>', left, high)];
      return conditionAt(left.at, oneOf(outside.map((part) => this.#asCondition(part))));
    }
    const { operand: from } = low;
    const { operand: to } = high;
    const areLiterals =
      from.type === 'number' && to.type === 'number' && from.isLiteral && to.isLiteral;
    if (areLiterals && compareNumbers(from, to) > 0) {
      throw this.#error(high.at, `the upper limit ${to.value} is less than ${from.value}`);
    }
    const inside = [this.#order('>=', left, low), this.#order('<=', left, high)];
    return conditionAt(left.at, allOf(inside.map((part) => this.#asCondition(part))));
  }

  // RocketMQ: ComparisonExpression#createInFilter
  #in(left: Part, isNot: boolean): Part {
    this.#expect('(', '( and texts in single quotes after IN');
    const texts = [this.#text('a text in single quotes')];
    while (this.#skip(',')) texts.push(this.#text('a text in single quotes'));
    this.#expect(')', ', or )');
    if (left.operand.type !== 'property') {
      throw this.#error(left.at, 'only a property can stand before IN');
    }
    return conditionAt(left.at, membership(left.operand.variable, new Set(texts), isNot));
  }

  // RocketMQ: ComparisonExpression#checkLessThanOperand
  #order(symbol: string, left: Part, right: Part): Part {
    const condition = ordering(symbol, this.#orderable(left), this.#orderable(right));
    return conditionAt(left.at, condition);
  }

  #orderable({ operand, at }: Part): Orderable {
    if (operand.type === 'text') {
      const what = `>, <, >=, <= and BETWEEN compare numbers, not texts; write the number `;
      throw this.#error(at, `${what}without quotes`);
    }
    if (operand.type === 'condition') {
      throw this.#error(at, '>, <, >=, <= and BETWEEN compare numbers, not conditions');
    }
    return operand;
  }

  #unary(): Part {
    const { kind, start } = this.#token;
    if (kind !== '+' && kind !== '-' && kind !== 'NOT') return this.#primary();
    this.#next += 1;
    this.#deeper(start);
    const part = this.#unary();
    this.#depth -= 1;
    if (kind === '+') return { operand: part.operand, at: start };
    if (kind === 'NOT') return conditionAt(start, not(this.#asCondition(part)));
    return { operand: minus(part.operand), at: start };
  }

  #primary(): Part {
    const { kind, text, start } = this.#token;
    if (kind === '(') {
      this.#next += 1;
      this.#deeper(start);
      const part = this.#or();
      this.#depth -= 1;
      this.#expect(')', ')');
      return part;
    }
    if (kind === SqlKind.Name) {
      this.#next += 1;
      const variable = this.#properties.variable(text);
      return { operand: { type: 'property', variable }, at: start };
    }
    const literal = literalOf(this.#token, this.#source);
    if (literal === null) {
      throw this.#unexpected(
        'a property, a number, a text in single quotes, TRUE, FALSE, NOT or (',
      );
    }
    this.#next += 1;
    return { operand: literal, at: start };
  }

  // RocketMQ: SelectorParser#asBooleanExpression
  #asCondition({ operand, at }: Part): Condition {
    if (operand.type === 'condition') return operand.condition;
    if (operand.type === 'property') return neverTrue(operand.variable);
    const what = operand.type === 'text' ? 'a text' : 'a number';
    throw this.#error(at, `${what} is no condition; compare it with something`);
  }

  #text(expected: string): string {
    const token = this.#token;
    if (token.kind !== SqlKind.Text) throw this.#unexpected(expected);
    this.#next += 1;
    return token.text.slice(1, -1).replaceAll("''", "'");
  }

  #skip(kind: string): boolean {
    if (this.#token.kind !== kind) return false;
    this.#next += 1;
    return true;
  }

  #expect(kind: string, expected: string): void {
    if (!this.#skip(kind)) throw this.#unexpected(expected);
  }

  #deeper(at: number): void {
    this.#depth += 1;
    if (this.#depth <= DEPTH_MAX) return;
    throw this.#error(at, `nested deeper than ${DEPTH_MAX} levels; write it flatter`);
  }

  #unexpected(expected: string): MqError {
    const { kind, text, start } = this.#token;
    const found = kind === SqlKind.End ? 'the expression ends' : `found ${text}`;
    return this.#error(start, `expected ${expected}, but ${found}`);
  }

  #error(at: number, what: string): MqError {
    return sqlError(this.#source, at, what);
  }
}

/** Comparisons that are words; each has a form with NOT. */
const WORDS: ReadonlySet<string> = new Set([
  ...['BETWEEN', 'IN', 'CONTAINS', 'STARTSWITH', 'ENDSWITH'],
]);

function conditionAt(at: number, condition: Condition): Part {
  return { operand: { type: 'condition', condition, isLiteral: false, isNull: false }, at };
}

function negated({ operand, at }: Part): Part {
  return operand.type === 'condition' ? conditionAt(at, not(operand.condition)) : { operand, at };
}

// RocketMQ: UnaryExpression#createNegate
function minus(operand: Operand): Operand {
  if (operand.type === 'number') return { ...operand, value: -operand.value, isLiteral: false };
  if (operand.type === 'nothing') return operand;
  return { type: 'nothing', before: operand.type === 'condition' ? operand.condition : null };
}

// RocketMQ: UnaryExpression#createInExpression
function membership(variable: Variable, texts: ReadonlySet<string>, isNot: boolean): Condition {
  return () => {
    const text = variable.value;
    return text === null ? Truth.Unknown : truthOf(texts.has(text) !== isNot);
  };
}

/** What is no text matches neither the word nor its opposite. */
// RocketMQ: ComparisonExpression.ContainsExpression and its like
function searching(word: string, operand: Operand, search: string, isNot: boolean): Condition {
  if (search === '') return () => Truth.No;
  const matches = (text: string): boolean => {
    if (word === 'CONTAINS') return text.includes(search);
    return word === 'STARTSWITH' ? text.startsWith(search) : text.endsWith(search);
  };
  if (operand.type === 'property') {
    const { variable } = operand;
    return () => {
      const text = variable.value;
      return text === null ? Truth.No : truthOf(matches(text) !== isNot);
    };
  }
  if (operand.type === 'text') {
    const truth = truthOf(matches(operand.value) !== isNot);
    return () => truth;
  }
  const isNull = nullness(operand);
  return () => (isNull() === Truth.Failed ? Truth.Failed : Truth.No);
}

/** A property alone is a text and no boolean. RocketMQ: UnaryExpression#createBooleanCast */
function neverTrue(variable: Variable): Condition {
  return () => (variable.value === null ? Truth.Unknown : Truth.No);
}
