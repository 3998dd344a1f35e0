/** The name of a list that a text means, whatever its case; undefined when it is none of them. */
export function nameIn<Name extends string>(
  names: readonly Name[],
  text: string | undefined,
): Name | undefined {
  const lower = text?.toLowerCase();
  return names.find((name) => name.toLowerCase() === lower);
}
