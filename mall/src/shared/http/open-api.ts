import { z } from 'zod';

/** What the document says of a route. */
export interface RouteFacts {
  readonly method: string;
  readonly url: string;
  readonly access: string;
  readonly summary: string;
  readonly input: z.ZodType;
  readonly output?: z.ZodType;
  readonly status?: number;
}

type Json = Readonly<Record<string, unknown>>;

/** An OpenAPI 3.1 document of routes: their schemas are JSON schemas as they are. */
export function openApiDocument(name: string, routes: readonly RouteFacts[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return { openapi: '3.1.0', info: { title: `mall ${name}`, version: '1' }, paths };
}

function operationOf(route: RouteFacts): Json {
  const { properties } = asObject(
    z.toJSONSchema(route.input, { io: 'input', unrepresentable: 'any' }),
  );
  const { params, query, body } = asObject(properties);
  const error = { description: '{error: {code, message}}' };
  const output =
    route.output === undefined
      ? {}
      : z.toJSONSchema(route.output, { io: 'input', unrepresentable: 'any' });
  return {
    summary: route.summary,
    'x-access': route.access,
    parameters: [...parametersOf('path', params), ...parametersOf('query', query)],
    ...(body === undefined
      ? {}
      : { requestBody: { content: { 'application/json': { schema: body } } } }),
    responses: {
      [String(route.status ?? 200)]: {
        description: 'Done',
        content: { 'application/json': { schema: output } },
      },
      default: error,
    },
  };
}

function parametersOf(where: 'path' | 'query', schema: unknown): Json[] {
  const { properties, required } = asObject(schema);
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(asObject(properties)).map(([name, one]) => ({
    name,
    in: where,
    required: where === 'path' || needed.includes(name),
    schema: one,
  }));
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
