import { isValueType, type ValueType, valueTypes, writeValue } from './value-type.ts';

/** Values by the names that placeholders use. */
export type Values = Readonly<Record<string, string | number>>;

export interface Placeholder {
  readonly name: string;
  readonly type: ValueType;
}

export type TemplatePart = string | Placeholder;

const placeholderForm = /^([A-Za-z][A-Za-z0-9]*):([a-z]+)$/;

/** A value that does not have the form its placeholder asks for: refused before anything runs. */
export class ValueRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ValueRefused';
  }
}

/** Takes `text {name:type} text` apart; `{{` and `}}` stand for the braces themselves. Answers with a complaint when it cannot. */
export function parseTemplate(template: string): readonly TemplatePart[] | { readonly complaint: string } {
  const parts: TemplatePart[] = [];
  for (const [token] of template.matchAll(/\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+/g)) {
    if (token === '{{' || token === '}}') parts.push(token.slice(1));
    else if (token === '{' || token === '}') return { complaint: `a lone "${token}"; write "${token}${token}" for the brace itself` };
    else if (token.startsWith('{')) {
      const [, name, type] = placeholderForm.exec(token.slice(1, -1)) ?? [];
      if (name === undefined || type === undefined)
        return { complaint: `"${token}" is no placeholder; write {name:type}, or "{{" for the brace itself` };
      if (!isValueType(type))
        return { complaint: `"${token}" asks for a type that does not exist; there are ${Object.keys(valueTypes).join(', ')}` };
      parts.push({ name, type });
    } else parts.push(token);
  }
  return parts;
}

/** The placeholders of a template that was checked at load. */
export function placeholdersOf(template: string): readonly Placeholder[] {
  return checkedParts(template).filter((part) => typeof part !== 'string');
}

/** Fills a template in. Throws ValueRefused, naming the placeholder and never the value (it may be a secret), when a value has not the form of its type. */
export function fill(template: string, values: Values): string {
  return checkedParts(template)
    .map((part) => (typeof part === 'string' ? part : fillPlaceholder(part, values)))
    .join('');
}

function fillPlaceholder({ name, type }: Placeholder, values: Values): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) throw new ValueRefused(`nothing gives a value for {${name}:${type}}`);
  const text = writeValue(value, type);
  if (text === undefined) throw new ValueRefused(`the value for {${name}:${type}} is not ${valueTypes[type].says}`);
  return text;
}

function checkedParts(template: string): readonly TemplatePart[] {
  const parts = parseTemplate(template);
  if ('complaint' in parts) throw new TypeError(parts.complaint);
  return parts;
}
