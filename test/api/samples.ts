/** Values that fit a JSON schema, as far as our own schemas go. */

export interface JsonSchema {
  $ref?: string;
  type?: string;
  format?: string;
  pattern?: string;
  enum?: unknown[];
  const?: unknown;
  examples?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  propertyNames?: JsonSchema;
  items?: JsonSchema;
  minItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
}

/** The schema with everything that it refers to put in its place. */
export function resolveSchema(schema: JsonSchema, named: Record<string, JsonSchema>): JsonSchema {
  const { $ref, ...rest } = schema;
  const target = $ref === undefined ? {} : (named[$ref.split('/').at(-1) ?? ''] ?? {});
  return mapSchemas({ ...target, ...rest }, (inner) => resolveSchema(inner, named));
}

function mapSchemas(schema: JsonSchema, map: (inner: JsonSchema) => JsonSchema): JsonSchema {
  const mapped: JsonSchema = { ...schema };
  for (const key of ['anyOf', 'oneOf', 'allOf'] as const) {
    const list = schema[key];
    if (list !== undefined) {
      mapped[key] = list.map(map);
    }
  }
  if (schema.properties !== undefined) {
    mapped.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, one]) => [name, map(one)]));
  }
  if (schema.items !== undefined) {
    mapped.items = map(schema.items);
  }
  if (typeof schema.additionalProperties === 'object') {
    mapped.additionalProperties = map(schema.additionalProperties);
  }
  return mapped;
}

export interface SampleOptions {
  /** Also what is optional. */
  whole: boolean;
  /** Value of a UUID, by the name of its property. */
  idOf(name: string): string;
  /** Which of several schemas, where any will do; the first, unless told. */
  branch?: number;
}

export function sampleOf(schema: JsonSchema, options: SampleOptions, name = ''): unknown {
  const { anyOf, oneOf, allOf } = schema;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const several = anyOf ?? oneOf ?? allOf ?? [];
  const chosen = several[(options.branch ?? 0) % several.length];
  if (chosen !== undefined) return sampleOf(chosen, options, name);
  switch (schema.type) {
    case 'object':
      return objectOf(schema, options);
    case 'array':
      return options.whole || (schema.minItems ?? 0) > 0 ? [sampleOf(schema.items ?? {}, options, singular(name))] : [];
    case 'integer':
    case 'number':
      return Math.min(Math.max(schema.minimum ?? 1, 1), schema.maximum ?? 1);
    case 'boolean':
      return true;
    case 'null':
      return null;
    case undefined:
      return {};
    default:
      return textOf(schema, options, name);
  }
}

function objectOf({ properties = {}, required = [], examples }: JsonSchema, options: SampleOptions): unknown {
  const example = examples?.[0] as Record<string, unknown> | undefined;
  const names = Object.keys(properties).filter((name) => options.whole || required.includes(name));
  return Object.fromEntries(
    names.map((name) => {
      const schema = properties[name] ?? {};
      const given = example?.[name];
      return [name, given !== undefined && !hasIds(schema) ? given : sampleOf(schema, options, name)];
    }),
  );
}

export const hasIds = (schema: JsonSchema): boolean => JSON.stringify(schema).includes('"uuid"');

function textOf(
  { format, pattern, examples, minLength = 0 }: JsonSchema,
  { idOf }: SampleOptions,
  name: string,
): string {
  const [example] = examples ?? [];
  if (typeof example === 'string') return example;
  if (format === 'uuid') return idOf(name);
  if (format === 'date-time') return '2099-01-01T00:00:00.000Z';
  if (format === 'date') return '2026-12-24';
  if (format === 'email') return 'sample@example.com';
  if (format === 'uri') return 'https://example.com/';
  if (pattern?.includes('[01]') === true) return '09:00';
  if (pattern?.includes('whsec_') === true) return 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  return 'sample'.padEnd(minLength, 'x');
}

/** `groupIds` holds what `groupId` is. */
const singular = (name: string): string => name.replace(/s$/, '');
